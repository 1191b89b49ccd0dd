package lienthong.gateway.store.view;

import lienthong.gateway.store.Kind;
import lienthong.gateway.store.View;

/** A view as the log feeds it. */
public interface DerivedView extends View, AutoCloseable {
    /** A value changed durably; {@code number} is the record's, or {@link Long#MAX_VALUE} while running. Quick, any thread. */
    void changed(Kind kind, long key, long number, boolean wasThere, boolean isThere);

    /** The log is open; lines may be read from it from now on. */
    void start(LogReader log);

    @Override
    void close();
}
