"""Machines on one network, each a set of namespaces: its own addresses, name and processes, without containers.

Nothing of it has a name outside but one end of a cable; when this process dies, however it dies, all of it is gone.
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from muster_shared.embedded.processes import Launch

_ALONE: Final = ("unshare", "--net", "--uts", "--pid", "--mount-proc", "--fork", "--kill-child=KILL")
_DIES_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")
_FIRST: Final = "hostname {name}; echo up; sleep infinity & wait"  # the first process of a machine takes in orphans
_BRIDGE: Final = "switch"
_OURS: Final = 254  # the last number of the network's addresses is that of the test itself
_NETWORKS: Final = tuple(f"198.{upper}.{lower}" for upper in (18, 19) for lower in range(256))  # RFC 2544: for trials


class NotPermittedError(Exception):
    """Namespaces cannot be had here; the message is one line that says why."""


class CommandError(Exception):
    """A command ended with an error; the message is the command and what it printed last."""


class Machine:
    """One machine with a fixed address, off until it is switched on."""

    def __init__(self, name: str, network: Network, number: int) -> None:
        self.name = name
        self.address = network.address(number)
        self._network = network
        self._hardware = f"02:00:00:00:00:{number:02x}"
        self._holder: subprocess.Popen[str] | None = None
        self._first = 0
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def switch_on(self) -> None:
        """Nothing runs on it yet; its address is the same each time."""
        self._holder, self._first = _first_process(self.name)
        self._network.plug_in(self.name, self._first, self._hardware)
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")

    def switch_off(self) -> None:
        """As if the power went: nobody is told anything, every process is gone at once."""
        if self._holder is None:
            return
        self._network.unplug(self.name)
        _end(self._holder)
        for process in self._running.values():
            process.wait()
        self._holder, self._running = None, {}

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Everything runs on, and no packet comes or goes."""
        self._network.set_port(self.name, "down")
        try:
            yield
        finally:
            self._network.set_port(self.name, "up")

    def enter(self) -> tuple[str, ...]:
        """What comes before a command that is to run on this machine."""
        assert self._holder, f"{self.name} is off"
        return "nsenter", "--target", str(self._first), "--net", "--uts", "--pid", "--mount"

    def run(self, *command: str, env: Mapping[str, str] | None = None) -> str:
        """Run a command on it to its end; what it printed.

        Raises:
            CommandError: it failed.
        """
        return _run(*self.enter(), *command, env=env)

    def start(self, launch: Launch, logs: Path) -> None:
        """Start what goes on; it is not started again when it ends."""
        if launch.before:
            launch.before()
        logs.mkdir(exist_ok=True)
        command = (*self.enter(), "env", "-C", str(launch.cwd), *launch.argv)
        with (logs / f"{self.name}-{launch.name}.log").open("ab") as log:
            self._running[launch.name] = subprocess.Popen(
                command,
                env=dict(launch.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self) -> dict[str, int]:
        """What ended by itself, by name, with its exit code."""
        codes = {name: process.poll() for name, process in self._running.items()}
        return {f"{self.name}-{name}": code for name, code in codes.items() if code is not None}


class Network:
    """A switch, and cables from it to the machines and to this test."""

    def __init__(self) -> None:
        self.machines: list[Machine] = []
        self._cable = f"hosts{secrets.token_hex(3)}"
        taken = _run("ip", "-4", "-oneline", "address")
        free = [network for network in _NETWORKS if f" {network}." not in taken]
        self._prefix = random.SystemRandom().choice(free)

    def address(self, number: int) -> str:
        """The address of a machine, by its number."""
        return f"{self._prefix}.{number}"

    @property
    def range(self) -> str:
        """All its addresses."""
        return f"{self._prefix}.0/24"

    def machine(self, name: str) -> Machine:
        """One more machine, switched on."""
        machine = Machine(name, self, len(self.machines) + 1)
        self.machines.append(machine)
        machine.switch_on()
        return machine

    def plug_in(self, name: str, process: int, hardware: str) -> None:
        """Lay a cable to the machine of a process."""
        peer = ("peer", "name", "eth0", "address", hardware, "netns", str(process))
        self._ip("link", "add", name, "type", "veth", *peer)
        self._ip("link", "set", name, "master", _BRIDGE, "up")

    def unplug(self, name: str) -> None:
        """Take a machine's cable away, with whatever was on it."""
        self._ip("link", "delete", name)

    def set_port(self, name: str, state: str) -> None:
        """``up`` or ``down``: of the switch's port to a machine."""
        self._ip("link", "set", name, state)

    def _ip(self, *arguments: str) -> None:
        _run("nsenter", "--target", str(self._first), "--net", "ip", *arguments)

    def _begin(self) -> None:
        self._holder, self._first = _first_process("switch")
        self._ip("link", "add", _BRIDGE, "type", "bridge")
        self._ip("link", "set", _BRIDGE, "up")
        _run("ip", "link", "add", self._cable, "type", "veth", "peer", "name", "ours", "netns", str(self._first))
        self._ip("link", "set", "ours", "master", _BRIDGE, "up")
        _run("ip", "address", "add", f"{self.address(_OURS)}/24", "dev", self._cable)
        _run("ip", "link", "set", self._cable, "up")

    def __enter__(self) -> Network:
        try:
            self._begin()
        except CommandError as error:
            _end(self._holder)
            raise NotPermittedError(str(error)) from error
        return self

    def __exit__(self, *_error: object) -> None:
        for machine in self.machines:
            machine.switch_off()
        _end(self._holder)
        with suppress(CommandError):  # it went with its other end
            _run("ip", "link", "delete", self._cable)


@contextmanager
def network() -> Iterator[Network]:
    """A network that is gone afterwards.

    Raises:
        NotPermittedError: this machine does not allow it.
    """
    if os.geteuid() != 0:
        raise NotPermittedError("network namespaces need root")
    missing = [name for name in ("ip", "unshare", "nsenter", "setpriv") if not shutil.which(name)]
    if missing:
        raise NotPermittedError(f"not installed: {', '.join(missing)}")
    with Network() as made:
        yield made


def _first_process(name: str) -> tuple[subprocess.Popen[str], int]:
    """What holds the namespaces of a machine, and the process id of the first process in them."""
    command = (*_DIES_WITH_US, *_ALONE, "sh", "-c", _FIRST.format(name=name))
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert holder.stdout
    said = holder.stdout.readline().strip()
    if said != "up":
        _end(holder)
        raise NotPermittedError(f"no namespaces: {said}")
    return holder, int(Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text())


def _end(holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    if holder.stdout:
        holder.stdout.close()


def _run(*command: str, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout
