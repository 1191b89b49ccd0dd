package lienthong.gateway.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LogMessageStoreOnRealDiskTest extends MessageStoreContract {
    @TempDir
    Path folder;

    @Override
    StoreBench bench() {
        return new StoreBench.Real(folder);
    }
}
