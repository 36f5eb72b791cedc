"""Moving through a recording and asking about it: pure Python over `tttui.store`, without any user interface."""
