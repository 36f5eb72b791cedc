"""What is read is data: no module of ours takes code out of a file, or loads what could."""

import ast
from pathlib import Path

import tttui

PACKAGE = Path(tttui.__file__).parent
NEVER_LOADED = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "yaml", "copyreg"}
RUNNING_CODE = {"eval", "exec", "__import__"}
MAY_RUN_CODE = {
    "checkpoints/inside.py": "evaluates what somebody types, in a copy of the program",
    "navigation/scalar_predicates.py": "compiles a condition that somebody types, put together anew from nodes that were checked",
}


def test_no_module_runs_code_that_it_reads() -> None:
    modules = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}
    assert modules.keys() > MAY_RUN_CODE.keys()
    for name, module in modules.items():
        runs = loads = False
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                loads |= bool({alias.name.partition(".")[0] for alias in node.names} & NEVER_LOADED)
            elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
                loads |= node.module.partition(".")[0] in NEVER_LOADED
            elif isinstance(node, ast.Call):
                runs |= isinstance(node.func, ast.Name) and node.func.id in RUNNING_CODE
                loads |= isinstance(node.func, ast.Attribute) and node.func.attr in ("load_extension", "enable_load_extension")
        assert not loads, name
        assert runs == (name in MAY_RUN_CODE), name
