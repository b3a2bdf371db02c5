"""What makes true what a script can say: objects, motion, space, chat, sensing, and scripts as they run."""
