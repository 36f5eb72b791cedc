"""Recording: the launcher, the start-up hook in the program, and the writer of the recording file.

`tttui.record` is the name of this package and of a function in the public API. The import system binds the
name to the package, so the package can be called: calling it is calling `tttui.api.record`.
It is imported into every program that is recorded, so it imports nothing that isn't there anyway.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from tttui.record.session import Recording
else:
    ModuleType = type(sys)


class _Package(ModuleType):
    def __call__(self, *arguments: object, **options: object) -> "Recording":
        from tttui import api

        return api.record(*arguments, **options)  # type: ignore[arg-type]  # checked there, by name


sys.modules[__name__].__class__ = _Package
