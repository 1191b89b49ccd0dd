package lienthong.gateway.lab.simulate;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.message.OrganisationId;

/** The network's authority in one run: the folder that founded it, opened anew, so that what this run changes no other sees. Its clock is right. */
final class Ceremony {
    private static final int INVITATION_DAYS = 30;

    private final Authority authority;
    private final Chance chance;
    private final Clock clock;

    Ceremony(Universe universe, Timeline timeline, Chance chance) {
        this.chance = chance;
        this.clock = new Clock() {
            @Override
            public Instant now() {
                return SiteClock.START.plusMillis(TimeUnit.NANOSECONDS.toMillis(timeline.now()));
            }

            @Override
            public long nanos() {
                return timeline.now();
            }
        };
        this.authority = Authority.open(
                        Universe.passphrase(),
                        PassphraseBox.Cost.FOR_TESTS,
                        universe.authorityFolder().copy(),
                        chance,
                        clock)
                .orBug();
    }

    /** An office joins again on an empty disk: the directory that says so spreads from it. */
    ForgetfulDisk joinAgain(OrganisationId office) {
        Authority.Invited invited = authority
                .invite(office, List.of(new DialAddress("hub.example", 7443)), INVITATION_DAYS, Optional.empty())
                .orBug();
        ForgetfulDisk disk = new ForgetfulDisk();
        Join.Joined joined = Join.join(
                        Join.Request.of(
                                invited.file(),
                                invited.code(),
                                String.join(" ", authority.root().words()),
                                Protection.fileModes()),
                        disk,
                        chance,
                        clock)
                .orBug();
        DirectoryFolder.of(disk).save(Optional.of(joined.directory()), joined.records());
        joined.keys().close();
        return disk;
    }

    /** Version of the directory that was signed last. */
    long version() {
        return authority.directory().version().number();
    }
}
