"""The viewer where the program is paused live."""

import time
from pathlib import Path

from terminal.screen import Screen


def test_a_key_ends_what_is_carried_out_in_the_program_itself(tmp_path: Path) -> None:
    """To the terminal it is a key, and no signal to the program, which would go on with it for ever."""
    (tmp_path / "program.py").write_text("total = 1\nhere = 2\nprint('the end', total)\n")
    with Screen(["-b", "program.py:2", "program.py"], tmp_path, (100, 30)) as screen:
        screen.wait_for("paused live")
        screen.press(":exec -l while True: total = 7\r")
        screen.wait_for("at it for 1 s: any other key ends it")

        def interrupted(text: str) -> bool:
            if "stopped: in the program itself: noted at event" not in text:
                time.sleep(0.5)  # people type ahead: a key that comes right behind a command is none that ends it
                screen.press("\x1b")
                return False
            return True

        screen.wait_for(interrupted)
        screen.press("q")
        screen.wait_for("exit 0")
        assert b"the end 7" in screen.received
        screen.press("q")
        screen.end()


def test_ctrl_c_in_the_shell_ends_it_and_leads_to_where_that_is_noted(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("total = 1\nhere = 2\nprint('the end', total)\n")
    with Screen(["record", "--shell", "-b", "program.py:2", "-o", "run.db", "program.py"], tmp_path) as screen:
        screen.wait_for("help lists the commands")
        screen.press("exec -l while True: total = 7\r")

        def interrupted(text: str) -> bool:
            if "interrupted: in the program itself: noted at event" in text:
                return True
            time.sleep(0.5)  # else it may come before there is anything to end
            screen.press("\x03")
            return False

        screen.wait_for(interrupted)
        screen.press("exec -l total = 8\r")
        screen.wait_for("done in the program itself")
        screen.press("quit\r")
        screen.wait_for("the end 8")
        assert b"the end 7" not in screen.received
        screen.press("quit\r")
        screen.end()
