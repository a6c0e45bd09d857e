"""What each kind of statement does to the state: commands, lists, branches, loops, functions."""
