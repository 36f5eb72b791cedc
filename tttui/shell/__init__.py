"""`tttui shell`: the navigation API as a line interface, for dumb terminals, scripts, CI and other programs."""
