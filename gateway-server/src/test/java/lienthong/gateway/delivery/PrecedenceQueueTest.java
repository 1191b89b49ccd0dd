package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Precedence;
import org.junit.jupiter.api.Test;

/** R thường, K khẩn, T thượng khẩn, F hỏa tốc, H hỏa tốc hẹn giờ; the number is the age; {@code R1/A} is of sender A. */
class PrecedenceQueueTest {
    private static Line queue(String items) {
        return new Line(items);
    }

    private static final class Line {
        private final PrecedenceQueue<String> queue = new PrecedenceQueue<>();
        private final List<String> sent = new ArrayList<>();

        Line(String items) {
            for (String item : items.split(" ")) {
                add(item);
            }
        }

        private static PrecedenceQueue.Place place(String item) {
            String[] sides = item.split("/");
            Precedence precedence =
                    Precedence.of("RKTFH".indexOf(item.charAt(0))).orBug();
            return new PrecedenceQueue.Place(
                    precedence,
                    Address.parse(sides.length > 1 ? sides[1] : "X").orBug(),
                    Long.parseLong(sides[0].substring(1)),
                    sides.length > 2);
        }

        void add(String item) {
            queue.add(place(item), item);
        }

        /** Sends some, while only these precedences have room. */
        Line send(int count, String room) {
            for (int i = 0; i < count; i++) {
                String next = queue.next(precedence -> room.indexOf("RKTFH".charAt(precedence.number())) >= 0);
                if (next != null) {
                    sent.add(next);
                }
            }
            return this;
        }

        Line send(int count) {
            return send(count, "RKTFH");
        }

        /** The last ones sent were lost. */
        Line lose(int count) {
            for (int i = 0; i < count; i++) {
                add(sent.remove(sent.size() - 1));
            }
            return this;
        }

        /** What was sent and, without further arrivals, will be. */
        void is(String order) {
            send(queue.size());
            assertThat(String.join(" ", sent)).isEqualTo(order);
        }
    }

    @Test
    void higherPrecedenceGoesFirstAndOldestFirstWithin() {
        queue("R1 R2 K1").send(1).is("K1 R1 R2");
        queue("R1 H1 K1 T1 F1").is("H1 F1 T1 K1 R1");
        queue("K3 K1 K2").is("K1 K2 K3");
    }

    @Test
    void whatIsLostStandsAgainWhereItStood() {
        queue("R1 R2 R3 R4").send(2).lose(2).is("R1 R2 R3 R4");
        queue("R1 R2 K1").send(2).lose(2).is("K1 R1 R2");
    }

    @Test
    void sendersTakeTurns() {
        queue("R1/A R2/A R3/A R4/B R5/C").is("R1/A R4/B R5/C R2/A R3/A");
    }

    @Test
    void aPrecedenceWithoutRoomLetsTheOthersPass() {
        queue("R1 K1 F1").send(1, "R").is("R1 F1 K1");
        queue("R1 K1").send(3, "F").is("K1 R1");
    }

    @Test
    void oneTurnIn32BelongsToTheRest() {
        StringBuilder items = new StringBuilder("R1 T1");
        for (int i = 1; i <= 70; i++) {
            items.append(" K").append(i);
        }
        Line line = queue(items.toString());
        line.send(66);
        assertThat(line.sent.get(0)).isEqualTo("T1");
        assertThat(line.sent.indexOf("R1")).isEqualTo(31);
    }

    @Test
    void noBandBelowStarves() {
        StringBuilder items = new StringBuilder("R1 K1");
        for (int i = 1; i <= 200; i++) {
            items.append(" T").append(i);
        }
        Line line = queue(items.toString()).send(64);
        assertThat(line.sent).contains("R1", "K1");
    }

    @Test
    void flashIsExemptFromTheRestsTurn() {
        StringBuilder items = new StringBuilder("R1 K1");
        for (int i = 1; i <= 100; i++) {
            items.append(" F").append(i);
        }
        Line line = queue(items.toString()).send(100);
        assertThat(line.sent).allMatch(item -> item.startsWith("F"));
    }

    @Test
    void everyItemComesExactlyOnce() {
        long seed = 20_201_010;
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            StringBuilder items = new StringBuilder("R0");
            int count = 1 + random.nextInt(40);
            for (int i = 1; i <= count; i++) {
                items.append(' ')
                        .append("RKTFH".charAt(random.nextInt(5)))
                        .append(i)
                        .append('/')
                        .append("ABC".charAt(random.nextInt(3)));
            }
            Line line = queue(items.toString());
            while (line.queue.size() > 0) {
                line.send(1 + random.nextInt(4));
                if (random.nextInt(3) == 0 && line.sent.size() > 2 && random.nextBoolean()) {
                    line.lose(1 + random.nextInt(2));
                }
            }
            assertThat(line.sent)
                    .as("seed %d round %d", seed, round)
                    .doesNotHaveDuplicates()
                    .hasSize(count + 1);
        }
    }

    @Test
    void largeOnesWithoutAPlaceKeepNoSmallOneBackAndTakeTurnsWithThemOtherwise() {
        Line line = new Line("R1/X/large R2/X/large R3 R4 R5");
        LinkRoom small = new LinkRoom() {
            @Override
            public boolean has(Precedence precedence) {
                return true;
            }

            @Override
            public boolean hasForLarge(Precedence precedence) {
                return false;
            }
        };
        assertThat(line.queue.next(small)).isEqualTo("R3");
        assertThat(line.send(4).sent).containsExactly("R1/X/large", "R4", "R2/X/large", "R5");
        line.add("R6/X/large");
        assertThat(line.queue.next(small)).isNull();
        assertThat(line.queue.remove(Line.place("R6/X/large"))).isTrue();
        assertThat(line.queue.size()).isZero();
    }
}
