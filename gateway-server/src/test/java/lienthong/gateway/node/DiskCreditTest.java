package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Instant;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.store.DiskGate;
import lienthong.gateway.store.TurnLoop;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskCreditTest {
    private static final long WINDOW = 8L << 20;

    @ParameterizedTest
    @CsvSource({
        // free above the reserve in MB, size in GB, precedences that may come
        "1100, 10, 01234",
        "900, 10, -1234",
        "450, 10, ---34",
        "150, 10, -----",
        "0, 10, -----",
        // a large disk that is nearly full is in use: credit stays open as long as what it brings is taken
        "80000, 1000, 01234",
        "2000, 1000, -1234",
        "1000, 1000, ---34",
        "350, 1000, -----",
    })
    void aWindowIsOpenExactlyWhileWhatItBringsIsTaken(long freeMb, long sizeGb, String open) {
        Disk disk = ofSize(freeMb * 1_000_000 + Limits.DISK_RESERVE_BYTES, sizeGb * 1_000_000_000);
        DiskGate gate = new DiskGate(disk, new TurnLoop(), DiskGate.Thresholds.DEFAULT);
        DiskCredit credit = new DiskCredit(gate, WINDOW);
        StringBuilder word = new StringBuilder();
        for (Precedence precedence : Precedence.values()) {
            word.append(credit.windowBytes(precedence, 0, Instant.EPOCH) > 0 ? precedence.number() : "-");
        }
        assertThat(word).hasToString(open);
    }

    /** A disk of which nobody asks anything but its size: a simulated one would have to hold a terabyte. */
    private static Disk ofSize(long freeBytes, long totalBytes) {
        return (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (disk, method, arguments) -> {
                    return switch (method.getName()) {
                        case "freeBytes" -> freeBytes;
                        case "totalBytes" -> totalBytes;
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
    }
}
