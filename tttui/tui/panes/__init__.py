"""One file per pane; all of them stand on `panes.base`."""
