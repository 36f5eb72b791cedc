"""What is different: a value, a frame or all that is visible at two positions; two recordings of a program."""

from tttui.navigation.comparing import Comparison, Parting, compare
from tttui.navigation.differences import Difference, FrameDifference, diff_at, diff_frames, diff_values

__all__ = ["Comparison", "Difference", "FrameDifference", "Parting", "compare", "diff_at", "diff_frames", "diff_values"]
