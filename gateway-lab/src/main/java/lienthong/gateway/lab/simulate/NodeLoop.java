package lienthong.gateway.lab.simulate;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.node.NodeWatch;

/**
 * One life of a node's process: its loop and its clocks on the province's timeline. Works outside the loop take a while and come back in an order
 * that chance decides, within a lane in theirs. When the process dies nothing of it runs any more.
 */
final class NodeLoop implements Loop, Clock {
    private static final long TURN_NANOS = 20_000;
    private static final int WORK_NANOS_MAX = 2_000_000;

    private final Timeline timeline;
    private final Chance chance;
    private final SiteClock wall;
    private final Consumer<Throwable> failed;
    private final long born;
    private final List<Runnable> hooks = new ArrayList<>();
    private final Map<Long, ArrayDeque<Runnable>> lanes = new HashMap<>();
    private List<Runnable> waiting = new ArrayList<>();
    private boolean turnDue;
    private boolean dead;
    private boolean inside;
    /** The node's own watch, once it has one. */
    Optional<NodeWatch> watch = Optional.empty();

    /** @param failed gets what a task threw; nothing of this life runs afterwards */
    NodeLoop(Timeline timeline, Chance chance, SiteClock wall, Consumer<Throwable> failed) {
        this.timeline = timeline;
        this.chance = chance;
        this.wall = wall;
        this.failed = failed;
        this.born = timeline.now();
    }

    /** The process is gone. */
    void die() {
        dead = true;
        waiting = new ArrayList<>();
        hooks.clear();
        lanes.clear();
    }

    boolean isDead() {
        return dead;
    }

    /** Runs something in this life from outside, as the loop itself would. */
    @SuppressWarnings("CatchingUnchecked") // whatever a process does not catch ends it
    void inside(Runnable task) {
        if (dead) {
            return;
        }
        boolean before = inside;
        inside = true;
        try {
            task.run();
        } catch (Throwable thrown) {
            failed.accept(thrown);
        } finally {
            inside = before;
        }
    }

    private void turn() {
        turnDue = false;
        if (dead) {
            return;
        }
        List<Runnable> now = waiting;
        waiting = new ArrayList<>();
        inside(() -> {
            for (Runnable task : now) {
                task.run();
                if (dead) {
                    return;
                }
            }
            for (Runnable hook : List.copyOf(hooks)) {
                hook.run();
            }
        });
    }

    @Override
    public void execute(Runnable task) {
        if (dead) {
            return;
        }
        waiting.add(task);
        if (!turnDue) {
            turnDue = true;
            timeline.after(TURN_NANOS, this::turn);
        }
    }

    @Override
    public Cancellation schedule(long delayNanos, Runnable task) {
        Timeline.Event event = timeline.after(delayNanos, () -> execute(task));
        return event::cancel;
    }

    @Override
    public <T> void offload(long lane, Work<T> work, Consumer<? super T> then) {
        if (dead) {
            return;
        }
        Runnable run = () -> inside(() -> {
            try {
                T result = work.run();
                execute(() -> then.accept(result));
            } catch (RuntimeException | Error thrown) {
                throw thrown;
            } catch (Exception thrown) {
                throw new WorkFailed(thrown);
            }
        });
        if (lane == 0) {
            timeline.after(chance.below(WORK_NANOS_MAX), run);
            return;
        }
        ArrayDeque<Runnable> queue = lanes.computeIfAbsent(lane, any -> new ArrayDeque<>());
        queue.add(run);
        if (queue.size() == 1) {
            next(lane, queue);
        }
    }

    private void next(long lane, ArrayDeque<Runnable> queue) {
        timeline.after(chance.below(WORK_NANOS_MAX), () -> {
            if (dead) {
                return;
            }
            queue.element().run();
            queue.poll();
            if (queue.isEmpty()) {
                lanes.remove(lane);
            } else {
                next(lane, queue);
            }
        });
    }

    /** What a work threw. */
    static final class WorkFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WorkFailed(Throwable cause) {
            super(cause);
        }
    }

    @Override
    public void checkInLoop() {
        if (!inside) {
            throw new lienthong.gateway.message.Bug("outside the loop");
        }
    }

    @Override
    public void atEndOfTurn(Runnable hook) {
        hooks.add(hook);
    }

    @Override
    public Instant now() {
        return wall.now(timeline.now());
    }

    @Override
    public long nanos() {
        return timeline.now() - born;
    }
}
