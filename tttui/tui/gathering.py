"""Answers of many rows: what is there already, and what is looked for in a worker, with the recording opened once more."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from rich.cells import cell_len
from textual.worker import Worker, get_current_worker

from tttui.errors import TttuiError
from tttui.tui.panes.results import MOST, Result
from tttui.tui.part import Part
from tttui.tui.prompt import Question

_BATCH: Final = 100


class Gathering(Part):
    """The part of `Debugger` that shows answers in the results pane."""

    _searching: "Worker[None] | None" = None

    def open_prompt(self, question: Question) -> None:
        app = self._app
        app.prompt.open(question)
        app.prompt_sign.say(question.sign)
        app.arrange()
        app.footer.show()
        app.give_keys_to(app.prompt)  # what is typed behind the key is for it already

    @property
    def searching(self) -> bool:
        return self._searching is not None and not self._searching.is_finished

    def stop_searching(self) -> None:
        if self._searching is not None:
            self._searching.cancel()
        self._app.results.finish("stopped")
        self._app.results.show()

    def gather(self, heading: str, find: Callable[[Any, Callable[[], bool]], Iterator[Result]], nothing: str = "nothing found") -> None:
        """Show what `find(run, cancelled)` yields, as it comes."""
        app = self._app
        if self._searching is not None:
            self._searching.cancel()
        app.say("")
        app.results.begin(heading, "searching …")
        app.activate(app.results)
        app.results.show()
        path = app.desk.run.path

        def work() -> None:
            from tttui.report.opening import open_run

            worker = get_current_worker()
            problem: TttuiError | None = None
            batch: list[Result] = []
            try:
                with open_run(path) as run:
                    for result in islice(find(run, lambda: worker.is_cancelled), MOST + 1):
                        if worker.is_cancelled:
                            return
                        batch.append(result)
                        if len(batch) >= _BATCH:
                            app.call_from_thread(self._gathered, batch)
                            batch = []
            except TttuiError as error:
                problem = error
            if not worker.is_cancelled:
                app.call_from_thread(self._gathered, batch)
                app.call_from_thread(self._all_gathered, problem, nothing)

        self._searching = app.run_worker(work, thread=True, exclusive=True, group="search", exit_on_error=False)

    def _gathered(self, batch: list[Result]) -> None:
        self._app.results.add(batch)
        self._app.results.show()

    def _all_gathered(self, problem: TttuiError | None, nothing: str) -> None:
        app = self._app
        app.results.finish()
        if problem is not None:
            app.problem(problem)
        elif not app.results.results:
            app.say(nothing)
        else:
            here = app.desk.navigator.position
            before = [
                index
                for index, result in enumerate(app.results.results)
                if result.event is not None and result.event <= here and not result.goes_on
            ]
            app.results.cursor = before[-1] if before else 0
        app.results.show()

    def answer(self, heading: str, results: Sequence[Result]) -> None:
        """An answer that is there already: said, where there is room for it; else shown in rows."""
        app = self._app
        if len(results) == 1 and cell_len(results[0].text) <= 2 * (app.size.width - 2):
            app.say(results[0].text)
        else:
            self.show_results(heading, results)
            if len(results) == 1:
                app.give_room()  # one long text

    def show_results(self, heading: str, results: Sequence[Result]) -> None:
        """An answer that is there already."""
        app = self._app
        if self._searching is not None:
            self._searching.cancel()
        app.results.begin(heading)
        app.results.add(list(results))
        app.activate(app.results)
        app.results.show()
