package lienthong.gateway.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lienthong.gateway.message.Bug;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No test sleeps: each waits for what the loop itself says, and fails after a long time only. */
@Timeout(30)
class RealLoopTest {
    private static final long LONG_NANOS = TimeUnit.HOURS.toNanos(1);

    private final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final RealLoop loop = RealLoop.start("loop-test", 4, failures::add);

    @AfterEach
    void close() {
        loop.close();
    }

    /** Runs {@code task} in the loop and waits until it has run. */
    private void inLoop(Runnable task) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(() -> {
            task.run();
            done.countDown();
        });
        done.await();
    }

    @Test
    void tasksRunInTheOrderInWhichTheyCame() throws InterruptedException {
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            int number = i;
            loop.execute(() -> ran.add(number));
        }
        inLoop(() -> assertThat(ran).hasSize(10_000).isSorted());
        assertThat(failures).isEmpty();
    }

    @Test
    void theLoopKnowsItsThread() throws InterruptedException {
        assertThatThrownBy(loop::checkInLoop).isInstanceOf(Bug.class);
        inLoop(loop::checkInLoop);
        CountDownLatch back = new CountDownLatch(1);
        loop.offload(
                0,
                () -> {
                    assertThatThrownBy(loop::checkInLoop).isInstanceOf(Bug.class);
                    return 1;
                },
                result -> {
                    loop.checkInLoop();
                    back.countDown();
                });
        back.await();
    }

    @Test
    void timersRunInTheOrderOfTheirHoursAndTiesInTheOrderOfAsking() throws InterruptedException {
        List<String> ran = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(() -> {
            loop.schedule(3_000_000, () -> {
                ran.add("third");
                done.countDown();
            });
            loop.schedule(1_000_000, () -> ran.add("second"));
            loop.schedule(-5, () -> ran.add("first"));
        });
        done.await();
        assertThat(ran).containsExactly("first", "second", "third");
    }

    @Test
    void aTimerNeverRunsEarly() throws InterruptedException {
        long delay = TimeUnit.MILLISECONDS.toNanos(20);
        LinkedBlockingQueue<Long> ranAt = new LinkedBlockingQueue<>();
        Clock clock = Clock.real();
        long asked = clock.nanos();
        loop.schedule(delay, () -> ranAt.add(clock.nanos()));
        assertThat(ranAt.take() - asked).isGreaterThanOrEqualTo(delay);
    }

    @Test
    void theLongestDelayIsNotTheShortest() throws InterruptedException {
        AtomicInteger ran = new AtomicInteger();
        loop.schedule(Long.MAX_VALUE, ran::incrementAndGet);
        loop.schedule(LONG_NANOS, ran::incrementAndGet);
        CountDownLatch later = new CountDownLatch(1);
        loop.schedule(1_000_000, later::countDown);
        later.await();
        assertThat(ran).hasValue(0);
    }

    @Test
    void aTimerTakenBackNeverRuns() throws InterruptedException {
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch later = new CountDownLatch(1);
        // Asked and taken back in one turn: no machine is slow enough to let it run in between.
        loop.execute(() -> {
            Loop.Cancellation early = loop.schedule(1_000_000, ran::incrementAndGet);
            early.cancel();
            early.cancel();
            loop.schedule(2_000_000, later::countDown);
        });
        later.await();
        assertThat(ran).hasValue(0);
    }

    @Test
    void aTimerTakenBackByAnEarlierOneOfTheSameTurnNeverRuns() throws InterruptedException {
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(() -> {
            List<Loop.Cancellation> second = new ArrayList<>();
            loop.schedule(0, () -> second.get(0).cancel());
            second.add(loop.schedule(0, ran::incrementAndGet));
            loop.schedule(0, done::countDown);
        });
        done.await();
        assertThat(ran).hasValue(0);
    }

    @Test
    void aHundredThousandTimersAreTakenBackInNoTime() throws InterruptedException {
        AtomicInteger ran = new AtomicInteger();
        List<Loop.Cancellation> leases = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            leases.add(loop.schedule(LONG_NANOS + i, ran::incrementAndGet));
        }
        leases.forEach(Loop.Cancellation::cancel);
        CountDownLatch later = new CountDownLatch(1);
        loop.schedule(0, later::countDown);
        later.await();
        assertThat(ran).hasValue(0);
    }

    @Test
    void resultsOfOneLaneComeBackInOrderAndNeverRunAtTheSameTime() throws InterruptedException {
        AtomicInteger running = new AtomicInteger();
        List<Integer> started = Collections.synchronizedList(new ArrayList<>());
        List<Integer> back = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(2_000);
        for (int i = 0; i < 2_000; i++) {
            int number = i;
            loop.offload(
                    7,
                    () -> {
                        assertThat(running.incrementAndGet()).isEqualTo(1);
                        started.add(number);
                        running.decrementAndGet();
                        return number;
                    },
                    result -> {
                        back.add(result);
                        done.countDown();
                    });
        }
        done.await();
        assertThat(started).hasSize(2_000).isSorted();
        inLoop(() -> assertThat(back).hasSize(2_000).isSorted());
        assertThat(failures).isEmpty();
    }

    @Test
    void aLaneThatWaitsDoesNotHoldAnotherNorLaneZero() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(2);
        CountDownLatch held = new CountDownLatch(1);
        loop.offload(
                1,
                () -> {
                    release.await();
                    return 1;
                },
                result -> held.countDown());
        loop.offload(2, () -> 2, result -> others.countDown());
        loop.offload(0, () -> 0, result -> others.countDown());
        others.await();
        assertThat(held.getCount()).isEqualTo(1);
        release.countDown();
        held.await();
    }

    @Test
    void worksOfLaneZeroRunAtTheSameTime() throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        CountDownLatch back = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            loop.offload(
                    0,
                    () -> {
                        both.countDown();
                        both.await();
                        return 1;
                    },
                    result -> back.countDown());
        }
        back.await();
    }

    @Test
    void theEndOfATurnComesAfterEverythingThatWaited() throws InterruptedException {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch ready = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        loop.execute(() -> {
            ready.countDown();
            awaitIn(go);
        });
        ready.await();
        CountDownLatch ended = new CountDownLatch(2);
        loop.atEndOfTurn(() -> {
            seen.add("end");
            ended.countDown();
        });
        loop.execute(() -> seen.add("one"));
        loop.execute(() -> {
            seen.add("two");
            // Belongs to the next turn, or a busy loop would never flush.
            loop.execute(() -> seen.add("three"));
        });
        go.countDown();
        ended.await();
        assertThat(seen.subList(0, 5)).containsExactly("one", "two", "end", "three", "end");
    }

    private static void awaitIn(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stopped);
        }
    }

    @Test
    void aTaskThatThrowsEndsTheLoopAndNothingMoreRuns() throws InterruptedException {
        AtomicInteger ran = new AtomicInteger();
        loop.atEndOfTurn(ran::incrementAndGet);
        IllegalStateException thrown = new IllegalStateException("on purpose");
        CountDownLatch go = new CountDownLatch(1);
        loop.execute(() -> {
            awaitIn(go);
            throw thrown;
        });
        loop.execute(ran::incrementAndGet);
        go.countDown();
        assertThat(failures.take()).isSameAs(thrown);
        loop.execute(ran::incrementAndGet);
        loop.schedule(0, ran::incrementAndGet);
        loop.offload(0, ran::incrementAndGet, result -> ran.incrementAndGet());
        loop.offload(5, ran::incrementAndGet, result -> ran.incrementAndGet());
        assertThat(failures).isEmpty();
        assertThat(ran).hasValue(0);
    }

    @Test
    void aWorkThatThrowsEndsTheLoopItsSuccessorDoesNotRunAndTheThreadIsFree() throws InterruptedException {
        LinkedBlockingQueue<Thread> loopThread = new LinkedBlockingQueue<>();
        loop.execute(() -> loopThread.add(Thread.currentThread()));
        Thread thread = loopThread.take();
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        IOException dead = new IOException("no such disk");
        loop.offload(
                3,
                () -> {
                    go.await();
                    throw dead;
                },
                result -> ran.incrementAndGet());
        loop.offload(3, ran::incrementAndGet, result -> ran.incrementAndGet());
        go.countDown();
        assertThat(failures.take()).isSameAs(dead);
        // Waited for something to come when the failure happened elsewhere: must not wait for ever.
        thread.join();
        assertThat(ran).hasValue(0);
    }

    @Test
    void onlyTheFirstFailureIsTold() throws InterruptedException {
        CountDownLatch all = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            loop.offload(
                    0,
                    () -> {
                        all.countDown();
                        all.await();
                        throw new IOException("at the same time");
                    },
                    result -> {});
        }
        assertThat(failures.take()).isInstanceOf(IOException.class);
        assertThat(failures).isEmpty();
    }

    @Test
    void afterClosingNothingRunsAndNothingFails() throws InterruptedException {
        LinkedBlockingQueue<Thread> loopThread = new LinkedBlockingQueue<>();
        loop.execute(() -> loopThread.add(Thread.currentThread()));
        Thread thread = loopThread.take();
        loop.close();
        loop.close();
        thread.join();
        AtomicInteger ran = new AtomicInteger();
        loop.execute(ran::incrementAndGet);
        loop.schedule(0, ran::incrementAndGet).cancel();
        loop.offload(0, ran::incrementAndGet, result -> ran.incrementAndGet());
        assertThat(ran).hasValue(0);
        assertThat(failures).isEmpty();
    }

    @Test
    void theEndWaitsForTheWorkThatRuns() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger written = new AtomicInteger();
        loop.offload(
                0,
                () -> {
                    running.countDown();
                    mayEnd.await();
                    return written.incrementAndGet();
                },
                result -> {});
        running.await();
        assertThat(loop.end(Duration.ofMillis(1))).isFalse();
        mayEnd.countDown();
        assertThat(loop.end(Duration.ofMinutes(1))).isTrue();
        assertThat(written).hasValue(1);
        assertThat(failures).isEmpty();
    }

    @Test
    void manyThreadsMayHandOverAtOnce() throws InterruptedException {
        int[] sum = new int[1];
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 5_000; i++) {
                    loop.execute(() -> sum[0]++);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        inLoop(() -> assertThat(sum[0]).isEqualTo(20_000));
    }
}
