"""An operating system's scheduler in objects: attributes, methods, a class hierarchy, linked lists.
Usage: richards.py ROUNDS

In the manner of Martin Richards's benchmark: an idle task, a worker, two handlers and two devices
pass packets to each other until the idle task's count is used up.
"""

from __future__ import annotations

import sys

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
KIND_DEVICE, KIND_WORK = 0, 1
PACKET_SIZE = 4


class Packet:
    def __init__(self, link: Packet | None, identity: int, kind: int) -> None:
        self.link = link
        self.identity = identity
        self.kind = kind
        self.datum = 0
        self.data = [0] * PACKET_SIZE

    def append_to(self, queue: Packet | None) -> Packet:
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, scheduler: Scheduler, identity: int, priority: int, queue: Packet | None) -> None:
        self.scheduler = scheduler
        self.identity = identity
        self.priority = priority
        self.queue = queue
        self.waiting = queue is None
        self.held = False
        self.following = scheduler.tasks
        scheduler.tasks = self
        scheduler.table[identity] = self

    def runnable(self) -> bool:
        return not self.held and (not self.waiting or self.queue is not None)

    def take_packet(self) -> Packet | None:
        packet = self.queue
        if packet is not None:
            self.queue = packet.link
            packet.link = None
        return packet

    def add_packet(self, packet: Packet, sender: Task) -> Task:
        if self.queue is None:
            self.queue = packet
            if self.priority > sender.priority:
                return self
        else:
            packet.append_to(self.queue)
        return sender

    def run(self, packet: Packet | None) -> Task | None:
        raise NotImplementedError

    def wait(self) -> Task:
        self.waiting = True
        return self

    def hold(self) -> Task | None:
        self.scheduler.holds += 1
        self.held = True
        return self.following

    def release(self, identity: int) -> Task:
        task = self.scheduler.table[identity]
        task.held = False
        if task.priority > self.priority:
            return task
        return self

    def send(self, packet: Packet) -> Task:
        receiver = self.scheduler.table[packet.identity]
        self.scheduler.sent += 1
        packet.link = None
        packet.identity = self.identity
        return receiver.add_packet(packet, self)


class IdleTask(Task):
    def __init__(self, scheduler: Scheduler, count: int) -> None:
        super().__init__(scheduler, IDLE, 0, None)
        self.waiting = False
        self.control = 1
        self.count = count

    def run(self, packet: Packet | None) -> Task | None:
        self.count -= 1
        if self.count <= 0:
            return self.hold()
        if self.control & 1 == 0:
            self.control //= 2
            return self.release(DEVICE_A)
        self.control = self.control // 2 ^ 0xD008
        return self.release(DEVICE_B)


class WorkerTask(Task):
    def __init__(self, scheduler: Scheduler, queue: Packet) -> None:
        super().__init__(scheduler, WORKER, 1000, queue)
        self.destination = HANDLER_A
        self.letter = 0

    def run(self, packet: Packet | None) -> Task | None:
        if packet is None:
            return self.wait()
        self.destination = HANDLER_B if self.destination == HANDLER_A else HANDLER_A
        packet.identity = self.destination
        packet.datum = 0
        for index in range(PACKET_SIZE):
            self.letter += 1
            if self.letter > 26:
                self.letter = 1
            packet.data[index] = 64 + self.letter
        return self.send(packet)


class HandlerTask(Task):
    def __init__(self, scheduler: Scheduler, identity: int, priority: int, device: int, queue: Packet) -> None:
        super().__init__(scheduler, identity, priority, queue)
        self.device = device
        self.work: Packet | None = None
        self.devices: Packet | None = None

    def run(self, packet: Packet | None) -> Task | None:
        if packet is not None:
            if packet.kind == KIND_WORK:
                self.work = packet.append_to(self.work)
            else:
                self.devices = packet.append_to(self.devices)
        work = self.work
        if work is not None:
            position = work.datum
            if position >= PACKET_SIZE:
                self.work = work.link
                work.identity = WORKER
                return self.send(work)
            carrier = self.devices
            if carrier is not None:
                self.devices = carrier.link
                carrier.datum = work.data[position]
                carrier.identity = self.device
                work.datum = position + 1
                return self.send(carrier)
        return self.wait()


class DeviceTask(Task):
    def __init__(self, scheduler: Scheduler, identity: int, priority: int) -> None:
        super().__init__(scheduler, identity, priority, None)
        self.pending: Packet | None = None

    def run(self, packet: Packet | None) -> Task | None:
        if packet is None:
            pending = self.pending
            if pending is None:
                return self.wait()
            self.pending = None
            return self.send(pending)
        self.pending = packet
        return self.hold()


class Scheduler:
    def __init__(self) -> None:
        self.tasks: Task | None = None
        self.table: dict[int, Task] = {}
        self.holds = 0
        self.sent = 0

    def run(self) -> None:
        task = self.tasks
        while task is not None:
            if task.runnable():
                packet = task.take_packet()
                task.waiting = False
                following = task.run(packet)
                if following is task and task.waiting:
                    following = task.following
                task = following
            else:
                task = task.following


def packets(count: int, identity: int, kind: int) -> Packet:
    queue = Packet(None, identity, kind)
    for _ in range(count - 1):
        queue = Packet(queue, identity, kind)
    return queue


def simulate() -> tuple[int, int]:
    scheduler = Scheduler()
    IdleTask(scheduler, 1000)
    WorkerTask(scheduler, packets(2, WORKER, KIND_WORK))
    HandlerTask(scheduler, HANDLER_A, 2000, DEVICE_A, packets(3, DEVICE_A, KIND_DEVICE))
    HandlerTask(scheduler, HANDLER_B, 3000, DEVICE_B, packets(3, DEVICE_B, KIND_DEVICE))
    DeviceTask(scheduler, DEVICE_A, 4000)
    DeviceTask(scheduler, DEVICE_B, 5000)
    scheduler.run()
    return scheduler.holds, scheduler.sent


def main() -> None:
    holds = sent = 0
    for _ in range(int(sys.argv[1])):
        more_holds, more_sent = simulate()
        holds += more_holds
        sent += more_sent
    print(holds, sent)


main()
