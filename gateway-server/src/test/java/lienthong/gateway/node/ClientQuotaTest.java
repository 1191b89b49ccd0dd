package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.Test;

/** What one client may take from the others: nothing. */
class ClientQuotaTest {
    private final ClientQuota quota = new ClientQuota();

    @Test
    void shoutingEndsAndComesBackWithTime() {
        for (int i = 0; i < ClientQuota.FLASH_PER_HOUR; i++) {
            assertThat(quota.take(Precedence.FLASH, 1, 100, 0)).isEmpty();
        }
        assertThat(quota.take(Precedence.FLASH, 1, 100, 0).map(Refusal::reason)).contains(ErrorCode.QUOTA);
        assertThat(quota.take(Precedence.URGENT, 1, 100, 0))
                .as("others of its messages move")
                .isEmpty();
        long later = Duration.ofHours(1).dividedBy(ClientQuota.FLASH_PER_HOUR).toNanos();
        assertThat(quota.take(Precedence.FLASH, 1, 100, later)).isEmpty();
        assertThat(quota.take(Precedence.FLASH, 1, 100, later).map(Refusal::reason))
                .contains(ErrorCode.QUOTA);
    }

    @Test
    void oneLargeMessageMayOverdrawAndTheNextWaits() {
        assertThat(quota.take(Precedence.ROUTINE, 1, 3 * ClientQuota.BYTES_PER_HOUR, 0))
                .isEmpty();
        long hour = Duration.ofHours(1).toNanos();
        assertThat(quota.take(Precedence.ROUTINE, 1, 1, hour).map(Refusal::reason))
                .contains(ErrorCode.QUOTA);
        assertThat(quota.take(Precedence.ROUTINE, 1, 1, 3 * hour)).isEmpty();
    }
}
