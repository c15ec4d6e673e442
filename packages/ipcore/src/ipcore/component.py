"""Components: the long-lived parts of a running shell, and the tree they form.

A component has a name, a parent, children, a start and an end, and configuration
that flows down from the root. The shell is the root; closing it closes everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from traitlets.config.configurable import Configurable

from .notices import notice

if TYPE_CHECKING:
    from .plugins.declared import Declared

C = TypeVar("C", bound="Component")


class ParentClosed(RuntimeError):
    """A component was to be made below one that is closed: a thread was late, as the shell was left."""


class Component(Configurable):
    """A long-lived part of a running shell.

    Subclasses declare traits tagged ``config=True`` and override :meth:`on_start`
    and :meth:`on_close`. Not safe to start or close from two threads at once.

    :param parent: the component this one belongs to; its configuration is shared.
    :param name: how :meth:`find` knows it; the class's name in lower case by default.
    :param config: configuration of a root; a child takes its parent's.
    """

    #: The plugin that made it for one of the shell's parts; ``None`` for the core's own.
    given_by: Declared | None = None

    #: Options that are known from IPython and none here → what there is instead. An empty text is for those
    #: that :meth:`take_over` understands.
    options_elsewhere: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *, parent: Component | None = None, name: str = "", **traits: Any) -> None:
        self._children: list[Component] = []
        self._state = "new"
        self.component_name = name or type(self).__name__.lower()
        super().__init__(parent=parent, **traits)
        if isinstance(parent, Component):
            if parent.closed:
                raise ParentClosed(
                    f"{parent.component_name} is closed and takes no new {self.component_name}"
                )
            parent._children.append(self)

    @property
    def root(self) -> Component:
        """The topmost component, in a running program the shell."""
        node: Component = self
        while isinstance(node.parent, Component):
            node = node.parent
        return node

    @property
    def children(self) -> tuple[Component, ...]:
        """The components made with this one as parent, oldest first."""
        return tuple(self._children)

    @property
    def started(self) -> bool:
        """Whether :meth:`start` has been called and :meth:`close` has not."""
        return self._state == "started"

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` has been called."""
        return self._state == "closed"

    def walk(self) -> Iterator[Component]:
        """Give this component and all below it, parents before children."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, name: str) -> Component | None:
        """Give the first component of that name, here or below; ``None`` if there is none."""
        return next((node for node in self.walk() if node.component_name == name), None)

    def find_all(self, kind: type[C]) -> list[C]:
        """Give all components of a class, here or below, parents before children."""
        return [node for node in self.walk() if isinstance(node, kind)]

    def start(self) -> None:
        """Take up work. A second call does nothing.

        :raises RuntimeError: if the component was closed.
        """
        if self.closed:
            raise RuntimeError(f"{self.component_name} is closed and cannot be started again")
        if not self.started:
            self.on_start()
            self._state = "started"

    def close(self) -> None:
        """Close everything below, newest first, then this component, whatever fails.

        Each failure is told in one line and kept from the others. A second call
        does nothing. Leaves the parent's list of children.
        """
        if self.closed:
            return
        for child in reversed(self.children):
            child.close()
        self._state = "closed"
        try:
            self.on_close()
        except BaseException as error:  # SystemExit and KeyboardInterrupt included: the rest must be closed
            from .plugins.failures import reason_of

            reason = reason_of(error)
            notice(f"{self.component_name} did not close cleanly: {reason}. Everything else was closed.")
        if isinstance(self.parent, Component) and self in self.parent._children:
            self.parent._children.remove(self)

    def on_start(self) -> None:
        """Take up work; to be overridden. Called at most once."""

    def on_close(self) -> None:
        """Release threads, files and sockets; to be overridden. Called at most once."""

    def take_over(self, name: str, value: Any) -> None:
        """Set what an option of IPython's stands for here; to be overridden.

        :param name: one of :attr:`options_elsewhere` that has an empty text.
        """

    # Configurable calls this for each change of its ``config``. Overridden because it
    # raises at the first wrong value and warns without file and line.
    def _load_config(self, cfg: Any, section_names: Any = None, traits: Any = None) -> None:
        if not cfg:
            return
        section = self._find_my_config(cfg)
        if section:
            from .configuration.checks import apply_section

            apply_section(self, section, cfg)
