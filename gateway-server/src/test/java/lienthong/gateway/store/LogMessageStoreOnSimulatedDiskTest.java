package lienthong.gateway.store;

class LogMessageStoreOnSimulatedDiskTest extends MessageStoreContract {
    @Override
    StoreBench bench() {
        return new StoreBench.Simulated(1);
    }
}
