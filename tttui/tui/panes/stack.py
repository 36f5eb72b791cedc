"""The stack pane: the frames of the thread, innermost first."""

from typing import ClassVar

from tttui.tui.desk import Desk
from tttui.tui.lines import Line
from tttui.tui.panes.base import Pane
from tttui.tui.sources import short


class StackPane(Pane):
    TITLE: ClassVar[str] = "Stack"
    HELP: ClassVar[str] = (
        "{enter} selects a frame, time unchanged; {up} {down} go to the caller and back; "
        "{finish} {back_finish} to the call's end and beginning"
    )

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk, name)
        self._shown: tuple[int, int] | None = None

    def note(self) -> str:
        moment = self.desk.view.moment
        if moment is None:
            return ""
        task = f" {moment.task.name or f'task {moment.task.id}'}" if moment.task is not None else ""
        return (moment.thread.name or f"thread {moment.thread.id}") + task

    def update_rows(self) -> None:
        view = self.desk.view
        if (view.position, view.frame_index) != self._shown:
            self._shown = (view.position, view.frame_index)
            self.cursor = view.frame_index

    def count(self) -> int:
        moment = self.desk.view.moment
        return len(moment.stack) if moment is not None else 0

    def row(self, index: int, width: int) -> Line:
        moment = self.desk.view.moment
        assert moment is not None
        frame = moment.stack[len(moment.stack) - 1 - index]
        selected = index == self.desk.view.frame_index
        place = f"{short(frame.file)}:{frame.line}"
        if index and frame.file == moment.stack[len(moment.stack) - index].file and len(frame.function) + len(place) + 3 > width:
            place = f":{frame.line}"  # of the same file as the frame above
        mark = ">" if selected else "!" if moment.exception is not None and index == 0 else " "
        line = Line().add(mark, self.theme["pointer"])
        room = max(4, width // 3, width - line.width - len(place) - 1)
        line.column(frame.function, self.theme["text"], room)
        return line.add(" ", self.theme["text"]).cut(place, self.theme["muted"], width - line.width)

    def enter(self) -> None:
        index = self.cursor
        self.debugger.move(lambda navigator: navigator.select_frame(index))
