"""Questions, from keys and prompts: who set this, why, why not, print over all hits, find, diff, marks, commands."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from textual.worker import Worker, get_current_worker

from tttui.errors import TttuiError
from tttui.navigation.expressions import EvaluationError
from tttui.navigation.filters import lines as line_filter
from tttui.tui import moments
from tttui.tui import theme as themes
from tttui.tui.actions import ACTIONS, GROUPS, shown_keys
from tttui.tui.desk import Watched
from tttui.tui.notebook import Mark
from tttui.tui.panes.results import MOST, Result
from tttui.tui.prompt import Question
from tttui.tui.sources import short

if TYPE_CHECKING:
    from tttui.navigation.breakpoints import Breakpoint
    from tttui.tui.app import Debugger

_BATCH: Final = 100
_HITS: Final = 2_000
"""Hits of breakpoints that the timeline draws at most."""
_HOPS: Final = 200
_SELVES: Final = ("self", "cls")
_NONE_SELECTED: Final = "select a variable first: in Locals"


class Asking:
    """The part of `Debugger` that answers questions. Slow ones run in a worker with the recording opened once more."""

    _searching: "Worker[None] | None" = None

    @property
    def _app(self) -> "Debugger":
        from tttui.tui.app import Debugger

        assert isinstance(self, Debugger)
        return self

    # -- prompts

    def ask(self, sort: str) -> None:
        """Open the prompt for a sort of question."""
        app = self._app
        selected = self.selected_expression()
        questions: dict[str, Callable[[], Question]] = {
            "command": lambda: Question(":", self.command, sort="command"),
            "search": self._search_question,
            "print": lambda: Question("print", self.print_here, initial=selected, replaced=True, sort="expression"),
            "print_all": lambda: Question(
                f"print at every run of line {app.source.cursor_line}", self.print_all, initial=selected, sort="expression"
            ),
            "watch": lambda: Question("watch", self.add_watch, initial=selected, replaced=True, sort="expression"),
            "diff": lambda: Question(
                "diff with mark, event or place", self.diff, initial=next(iter(app.desk.notebook.marks), ""), replaced=True, sort="diff"
            ),
            "first_true": lambda: Question("first true", self.go_to_first_true, initial=selected, replaced=True, sort="expression"),
            "turns": lambda: Question("when true", self.turns_of, initial=selected, replaced=True, sort="expression"),
            "palette": self._palette_question,
        }
        self.open_prompt(questions[sort]())

    def open_prompt(self, question: Question) -> None:
        app = self._app
        app.prompt.open(question)
        app.prompt_sign.say(question.sign)
        app.arrange()
        app.screen.set_focus(app.prompt, scroll_visible=False)  # at once: what is typed behind the key is for it already

    def selected_expression(self) -> str:
        """What W, y, p and x are about: the selected variable; from the source, the first that its line binds, else reads."""
        app = self._app
        if app.active is app.locals:
            return app.locals.selected()
        frame = app.desk.view.frame
        if frame is None:
            return ""
        if app.active is app.source:
            file, line = app.desk.sources.file(frame.code.file), app.source.cursor_line
            for name in (*file.stores(line), *file.reads(line)):
                if name in frame.locals and name not in _SELVES:
                    return name
        changed = next(iter(app.desk.view.changed), "")
        return changed or app.locals.selected() or next(iter(frame.locals), "")

    # -- commands

    def command(self, text: str) -> None:
        """A line as `tttui shell` takes it; a place alone goes there."""
        app = self._app
        text = text.strip()
        if not text:
            return
        if text in ("q", "quit", "exit"):
            app.quit()
            return
        word, _, rest = text.partition(" ")
        if word == "theme" and rest:
            app.try_theme(rest.strip())
            return
        if _is_place(text):
            self._go_to_place(text)
            return
        from tttui.shell.entering import lets_out

        if lets_out(text):
            self.open_prompt(
                Question(
                    "files, network and terminal will really be used: yes to go on",
                    lambda said: self._carry_out(text, aside=True) if said.strip().lower() in ("y", "yes") else app.say("nothing was done"),
                    sort="yes",
                )
            )
            return
        self._carry_out(text)

    def _carry_out(self, text: str, *, aside: bool = False) -> None:
        """A command of the shell; `aside`: the terminal is the program's meanwhile."""
        app = self._app
        from tttui.shell.lines import execute

        before = app.desk.navigator.position
        if aside:
            with app.suspend():
                answer = execute(app.desk.session, text)
                sys.stdout.write("\ntttui: the program has ended there; Enter goes back ")
                sys.stdout.flush()
                sys.stdin.readline()
            app.redraw()
        else:
            answer = app.interruptible(lambda: execute(app.desk.session, text))
        if answer is None:
            return
        if answer.quit:
            app.quit()
            return
        stop = answer.json.get("stop")
        if "error" in answer.json:
            app.status.say("; ".join(part.plain.strip() for part in answer.texts), problem=True)
        elif isinstance(stop, dict):
            app.say(str(stop.get("message", "")))
        else:
            rows = [Result(part.plain) for part in answer.texts]
            for row in islice(answer.rows or (), MOST):
                event = row.json.get("event") if isinstance(row.json, dict) else None
                rows.append(Result(row.text.plain, event if isinstance(event, int) else None))
            rows = rows or [Result(answer.nothing or "nothing")]
            if len(rows) == 1:
                app.say(rows[0].text)
            else:
                self.show_results(f":{text}", rows)
        recorded = answer.json.get("recording")
        if isinstance(recorded, str) and recorded not in app.desk.notebook.universes:
            app.desk.notebook.universes.append(recorded)
            app.desk.notebook.save()
            moments.look(app)
        if app.desk.navigator.position == before:
            app.stops.changed()
        app.look_again()

    def _go_to_place(self, text: str) -> None:
        app = self._app
        if ":" in text:
            file, _, line = text.rpartition(":")
            app.move(lambda navigator: navigator.line(file, int(line)))
            return
        from tttui.shell.jumping import event_of

        event = event_of(app.desk.session, text)
        app.move(lambda navigator: navigator.goto(event))

    # -- values

    def print_here(self, text: str) -> None:
        app = self._app
        if text.strip():
            try:
                app.say(f"{text.strip()} = {app.desk.evaluate(text).text}")
            except EvaluationError as error:
                app.problem(error)
            except TttuiError as error:
                app.problem(error)

    def add_watch(self, text: str) -> None:
        app = self._app
        if text.strip():
            try:
                app.desk.watch(text.strip())
            except TttuiError as error:
                app.problem(error)
                return
            app.say(f"watching {text.strip()}; B shows the watches")
            app.look_again()

    def write(self, count: int, *, back: bool) -> None:
        self._write_of(self.selected_expression(), count, back=back)

    def last_write_of(self, text: str) -> None:
        self._write_of(text, 1, back=True)

    def _write_of(self, text: str, count: int, *, back: bool) -> None:
        """Go to the line that wrote a value, and say what it wrote."""
        from tttui.navigation.writes import writes

        app = self._app
        if not text:
            app.say(_NONE_SELECTED)
            return
        target = app.desk.target(text)
        position = app.desk.navigator.position
        found = writes(app.desk.run, target, 0, position + 1, backwards=True) if back else writes(app.desk.run, target, position + 1)
        # A write is visible behind the line that did it: standing on that line, that very write is still to come.
        passed = (write for write in found if (write.by if write.by is not None else write.event) != position)
        looked = app.interruptible(lambda: [next(islice(passed, count - 1, None), None)])
        if looked is None:
            return
        [write] = looked
        if write is None:
            app.say(f"{text} is not written {'before' if back else 'after'} this")
            return
        event = write.by if write.by is not None else write.event
        old = write.old.text if write.old is not None else "(nothing)"
        new = write.new.text if write.new is not None else "(gone)"
        app.move(lambda navigator: navigator.goto(event))
        unrecorded = "" if write.by is not None else "  (by code that was not recorded)"
        app.say(f"{text} {'changed here' if write.kind != 'created' else 'created here'}: {old} → {new}{unrecorded}")
        app.locals.select(text)

    def first_true(self) -> None:
        """To where the selected watch became true for the first time; elsewhere it is asked what."""
        app = self._app
        selected = app.stops_pane.selected() if app.active is app.stops_pane else None
        if isinstance(selected, Watched):
            self.go_to_first_true(selected.text)
        else:
            self.ask("first_true")

    def go_to_first_true(self, text: str) -> None:
        app = self._app
        text = text.strip()
        if not text:
            return
        try:
            looked = app.interruptible(lambda: [app.desk.navigator.truth(text).first()])
        except TttuiError as error:
            app.problem(error)
            return
        if looked is None:
            return
        [event] = looked
        if event is None:
            app.say(f"{text} is never true in this call")
            return
        app.move(lambda navigator: navigator.goto(event))
        app.say(f"{text} is true here for the first time")

    def turns_of(self, text: str) -> None:
        """Every time at which an expression became true in this call, or was no longer."""
        from tttui.navigation.search import Search
        from tttui.navigation.truth import truth_of

        app = self._app
        text = text.strip()
        if not text:
            return
        position, frame = app.desk.navigator.position, app.desk.navigator.frame_index

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            for turn in truth_of(Search(run), text, position, frame=frame).turns():
                if cancelled():
                    return
                words = "true" if turn.holds else "not true" if turn.holds is False else turn.problem
                yield Result(words, turn.event, style="value" if turn.holds else "muted")

        self.gather(f"when {text}", find, f"{text} is never true in this call")

    def pin(self) -> None:
        app = self._app
        text = self.selected_expression()
        pin = app.desk.session.pins.pin(app.desk.navigator.position, text, frame=app.desk.stack_index)
        app.say(f"{pin.name} is {text}: at any time, p {pin.name}, :w {pin.name}")

    # -- lines

    def hit(self, count: int, *, back: bool) -> None:
        """To a run of the cursor line; where results are active, to the next of them; a breakpoint, to its next hit."""
        app = self._app
        if app.active is app.results and app.results.results:
            self._next_result(count, back=back)
            return
        selected = app.stops_pane.selected() if app.active is app.stops_pane else None
        if selected is not None and not isinstance(selected, Watched):
            self.next_hit_of(selected, count, back=back)
            return
        if app.active is not app.source and app.active.sought:
            for _ in range(count):
                app.active.find(app.active.sought, back=back)
            return
        file, line = app.source.file_path, app.source.cursor_line
        app.move(lambda navigator: navigator.line(file, line, count, back=back))

    def _next_result(self, count: int, *, back: bool) -> None:
        app = self._app
        here = app.desk.navigator.position
        events = sorted({result.event for result in app.results.results if result.event is not None})
        wanted = [event for event in reversed(events) if event < here] if back else [event for event in events if event > here]
        if len(wanted) < count:
            app.say("no result before this" if back else "no result after this")
            return
        event = wanted[count - 1]
        app.results.cursor = next(index for index, result in enumerate(app.results.results) if result.event == event)
        app.move(lambda navigator: navigator.goto(event))

    def breakpoint_here(self) -> None:
        """A breakpoint on the cursor line; where there is one, its condition, count and log."""
        app = self._app
        entry: Breakpoint | None = None
        if app.active is app.stops_pane:
            selected = app.stops_pane.selected()
            entry = None if isinstance(selected, Watched) else selected
        elif app.source.file_path:
            entry = app.stops.at(app.source.file_path, app.source.cursor_line)
            if entry is None:
                app.say(app.stops.set(app.source.file_path, app.source.cursor_line))
                app.paint()
        if entry is None:
            return
        known = entry

        def configure(text: str) -> None:
            try:
                app.stops.configure(known, text)
            except TttuiError as error:
                app.problem(error)
                return
            app.say(f"breakpoint {known.number} at {app.stops.describe(known)}")
            app.paint()

        sign = "CONDITION every N log EXPRESSION" if app.size.width < 100 else f"{app.stops.place(entry)}: CONDITION every N log EXPRESSION"
        self.open_prompt(Question(sign, configure, initial=app.stops.options(entry), sort="breakpoint"))

    def list_hits(self, entry: "Breakpoint") -> None:
        """All hits of a breakpoint."""
        from copy import copy

        from tttui.navigation.navigator import Navigator
        from tttui.navigation.places import place_of

        wanted = copy(entry)

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            finder = Navigator(run, 0).breakpoints.finder(wanted)
            event = finder.after(-1)
            while event is not None and not cancelled():
                place = place_of(run, event)
                yield Result(place.function, event, f"{short(place.file)}:{place.line}")
                event = finder.after(event)

        self.gather(f"hits of {self._app.stops.describe(entry)}", find, "it was never hit")

    def next_hit_of(self, entry: "Breakpoint", count: int, *, back: bool) -> None:
        """To the next hit of one breakpoint, whatever the others are."""
        app = self._app
        finder = app.desk.navigator.breakpoints.finder(entry)
        event = app.desk.navigator.position
        for _ in range(count):
            found = finder.before(event) if back else finder.after(event)
            if found is None:
                app.say(f"{app.stops.describe(entry)} is not hit {'before' if back else 'after'} this")
                return
            event = found
        app.move(lambda navigator: navigator.goto(event))

    def hits_in(self, stretch: tuple[int, int]) -> Sequence[int]:
        """Some hits of the line breakpoints within events start .. stop - 1."""
        from tttui.navigation.breakpoints import LineBreakpoint

        app = self._app
        places = tuple((entry.file, entry.line) for entry in app.stops.all() if isinstance(entry, LineBreakpoint) and entry.enabled)
        made_of = (places, stretch)
        if made_of != app._hits_of:
            app._hits_of = made_of
            wanted = {
                (code, line)
                for code, line, _ in (app.desk.run.line_hits() if places else ())
                for file, at in places
                if line == at and app.desk.run.file_path(app.desk.run.code(code).file).endswith(file)
            }
            found = app.desk.navigator.search.matches(line_filter(wanted), *stretch) if wanted else iter(())
            app._hits = tuple(event.number for event in islice(found, _HITS))
        return app._hits

    # -- slow questions: in a worker, with a recording of its own

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
            before = [index for index, result in enumerate(app.results.results) if result.event is not None and result.event <= here]
            app.results.cursor = before[-1] if before else 0
        app.results.show()

    def show_results(self, heading: str, results: Sequence[Result]) -> None:
        """An answer that is there already."""
        app = self._app
        if self._searching is not None:
            self._searching.cancel()
        app.results.begin(heading)
        app.results.add(list(results))
        app.activate(app.results)
        app.results.show()

    def print_all(self, text: str) -> None:
        """An expression at every run of the cursor line."""
        app = self._app
        text = text.strip()
        if not text:
            return
        from tttui.navigation.expressions import compile_expression
        from tttui.navigation.printing import print_all

        compile_expression(text)
        file, line = app.source.file_path, app.source.cursor_line

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            for printed in print_all(run, file, line, text, cancelled=cancelled):
                shown = printed.value.text if printed.value is not None else printed.error
                yield Result(shown, printed.event, style="value" if printed.value is not None else "muted")

        self.gather(f"{text} at {short(file)}:{line}", find, f"{short(file)}:{line} never ran")

    def find(self, text: str) -> None:
        """A text in all values, names, output and exceptions of the run."""
        from tttui.navigation.find import find as find_text

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            for found in find_text(run, text, cancelled=cancelled):
                text_found = f"{found.what} = {found.text}" if found.where == "value" else found.text
                yield Result(text_found, found.event, f"{short(found.file)}:{found.line} {found.function}")

        self.gather(f"find {text}", find, f"{text!r} is in no value, output or exception of the run")

    def why(self) -> None:
        """Where the selected value came from."""
        from tttui.navigation.origin import origin

        app = self._app
        text = self.selected_expression()
        if not text:
            app.say(_NONE_SELECTED)
            return
        event, frame = app.desk.navigator.position, app.desk.stack_index

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            for hop in islice(origin(run, event, text, frame=frame), _HOPS):
                yield Result(hop.text, hop.event, f"{short(hop.file)}:{hop.line}")

        self.gather(f"why {text} = …", find)

    def why_not(self) -> None:
        """Why the cursor line did not run before now."""
        from tttui.navigation.whynot import WhyNot, why_not

        app = self._app
        file, line, event = app.source.file_path, app.source.cursor_line, app.desk.navigator.position

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            answer: WhyNot | None = why_not(run, event, file, line)
            while answer is not None:
                yield Result(answer.text, answer.event, f"{short(answer.file)}:{answer.line}")
                for name, value in answer.values:
                    yield Result(f"    {name} = {value.text}", answer.event, style="value")
                answer = answer.because

        self.gather(f"why not {short(file)}:{line}", find)

    # -- marks and history

    def mark(self, letter: str) -> None:
        app = self._app
        event = app.desk.navigator.position

        def note(text: str) -> None:
            app.desk.notebook.marks[letter] = Mark(event, text.strip())
            app.desk.notebook.save()
            app.say(app.desk.notebook.problem or f"mark {letter} at {event:,}")
            app.look_again()

        known = app.desk.notebook.marks.get(letter)
        self.open_prompt(Question(f"note for mark {letter}", note, initial=known.note if known is not None else "", sort="note"))

    def to_mark(self, letter: str) -> None:
        app = self._app
        mark = app.desk.notebook.marks.get(letter)
        if mark is None:
            app.say(f"there is no mark {letter}; m{letter} sets it")
            return
        app.move(lambda navigator: navigator.goto(mark.event))
        if mark.note:
            app.say(mark.note)

    def list_marks(self) -> None:
        app = self._app
        marks = sorted(app.desk.notebook.marks.items(), key=lambda item: item[1].event)
        if not marks:
            app.say("no marks yet: m and a letter sets one")
            return
        self.show_results("Notebook", [Result(mark.note, mark.event, f"{name}  {self._place_text(mark.event)}") for name, mark in marks])

    def list_history(self) -> None:
        history = self._app.desk.navigator.history
        self.show_results("History of jumps", [Result(self._place_text(event), event) for event in history.jumps])

    def _place_text(self, event: int) -> str:
        try:
            place = self._app.desk.place(event)
        except TttuiError:
            return ""
        return f"{short(place.file)}:{place.line} {place.function}"

    def diff(self, text: str) -> None:
        """What is different from a mark, or another event."""
        from tttui.navigation.diff import diff_frames

        app = self._app
        text = text.strip()
        if not text:
            return
        mark = app.desk.notebook.marks.get(text)
        if mark is not None:
            old = mark.event
        else:
            from tttui.shell.jumping import event_of

            old = event_of(app.desk.session, text)
        new = app.desk.navigator.position

        def find(run: Any, cancelled: Callable[[], bool]) -> Iterator[Result]:
            for frame in diff_frames(run, old, new):
                state = "" if frame.old_line and frame.new_line else "  (gone)" if frame.old_line else "  (new)"
                if frame.variables or state:
                    yield Result(f"{frame.function}{state}", style="name")
                for entry in frame.variables:
                    before = entry.old.text if entry.old is not None else "(nothing)"
                    after = entry.new.text if entry.new is not None else "(gone)"
                    yield Result(f"  {entry.path}: {before} → {after}" + ("  (another object)" if entry.identity else ""))

        self.gather(f"{old:,} and {new:,}", find, "nothing is different")

    # -- search, palette, help

    def _search_question(self) -> Question:
        app = self._app
        if app.active is app.locals:

            def narrow(text: str) -> None:
                app.locals.filter = text
                app.locals.show()

            return Question("filter", narrow, changed=narrow, cancelled=lambda: narrow(""), sort="filter", initial=app.locals.filter)
        pane = app.active
        start = pane.cursor

        def look(text: str) -> None:
            """As it is typed: the next row that has it."""
            pane.cursor = start
            if not (text and pane.find(text, stay=True)):
                pane.show()

        def back() -> None:
            look("")

        def found(text: str) -> None:
            pane.sought = text
            if text and not pane.find(text, stay=True):
                app.say(f"{text!r} is not in this pane")

        if pane is app.source:
            return Question("find in the run", lambda text: self.find(text) if text else None, look, back, sort="search")
        return Question("find in this pane", found, look, back, sort="search")

    def _palette_question(self) -> Question:
        app = self._app

        def rows(text: str) -> list[Result]:
            words = text.lower().split()
            return [
                Result(
                    action.help,
                    lead=f"{shown_keys(action, app.key_map[action.name]):<10} {action.name.replace('_', ' ')}",
                    style="text" if app.can(action.name) else "faint",
                    action=partial(app.perform, action.name),
                )
                for action in ACTIONS
                if all(word in f"{action.name} {action.short} {action.help}".lower().replace("_", " ") for word in words)
            ]

        def changed(text: str) -> None:
            app.results.begin("Actions")
            app.results.add(rows(text))
            app.results.show()

        def up() -> None:
            app.results.motion("up", 1)

        def down() -> None:
            app.results.motion("down", 1)

        def choose(text: str) -> None:
            chosen = app.results.results[app.results.cursor : app.results.cursor + 1]
            if chosen and chosen[0].action is not None:
                app.close_top()
                app.call_later(chosen[0].action)

        self.show_results("Actions", rows(""))
        keys = {"up": up, "ctrl+p": up, "down": down, "ctrl+n": down}
        return Question("action", choose, changed=changed, cancelled=app.close_top, sort="palette", keys=keys)

    def help(self) -> None:
        """The keys; what the active pane is for comes first."""
        app = self._app
        pane = app.active
        rows = [
            Result(f"{pane.TITLE}: {pane.HELP}", style="name"),
            Result("a count before a key repeats it: 20N; the same key with Shift goes back", style="muted"),
        ]
        for group in GROUPS:
            rows.append(Result(group, style="title_focused"))
            rows.extend(
                Result(action.help, lead=shown_keys(action, keys), action=partial(app.perform, action.name))
                for action in ACTIONS
                if action.group == group and (keys := app.key_map[action.name])
            )
        self.show_results("Help", rows)

    def list_themes(self) -> None:
        """All themes; the selected one is shown at once, and kept with Enter."""
        app = self._app
        before = app.desk.theme

        def keep(theme: themes.Theme) -> None:
            app.results.left = None
            app.use_theme(theme)
            app.memory.theme = theme.name
            app.memory.save()
            app.close_pane()
            app.say(f"theme {theme.name}, from now on")

        rows = []
        for source in themes.sources():
            try:
                theme = themes.read(source)
                rows.append(Result(theme.title, lead=source.name, action=partial(keep, theme), preview=partial(app.use_theme, theme)))
            except TttuiError as error:
                rows.append(Result(str(error), lead=source.name, style="problem"))
        self.show_results("Themes: Enter keeps one, Esc doesn't", rows)
        app.results.left = partial(app.use_theme, before)
        app.results.cursor = next((index for index, row in enumerate(rows) if row.lead == before.name), 0)
        app.results.show()

    # -- the editor

    def edit(self) -> None:
        """Open the cursor line in the user's editor, the viewer stepping aside."""
        app = self._app
        path, line = app.source.file_path, app.source.cursor_line
        if not os.path.isfile(path):
            app.say("the file is not here any more: the recorded source is all there is")
            return
        editor = (os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi").split()
        try:
            with app.suspend():
                subprocess.run([*editor, f"+{line}", path], check=False)
        except OSError as error:
            app.status.say(f"{editor[0]} can't be started: {error.strerror}", problem=True)
        app.redraw()


def _is_place(text: str) -> bool:
    """``12345``, ``50%``, ``-100``, ``+100``, ``file.py:88``: a place, not a command."""
    digits = text.lstrip("+-").rstrip("%").replace(",", "").replace(".", "", 1)
    if digits.isascii() and digits.isdigit():
        return True
    file, colon, line = text.rpartition(":")
    return bool(colon and file and line.isdigit() and " " not in text)
