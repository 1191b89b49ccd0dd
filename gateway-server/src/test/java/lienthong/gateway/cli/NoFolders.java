package lienthong.gateway.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import lienthong.gateway.api.OperatorDoor;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;

/** For tests of commands that look into no data folder. */
enum NoFolders implements DataFolders {
    INSTANCE;

    @Override
    public Result<StoreReport> check(Path data) {
        return Result.no(ErrorCode.NO_INPUT, "{0}", data);
    }

    @Override
    public Result<List<OperatorDoor.Finding>> diagnose(Path data, String version) {
        return Result.no(ErrorCode.NO_INPUT, "{0}", data);
    }

    @Override
    public Result<BackupReport> backup(Path data, Path from, Path to) {
        return Result.no(ErrorCode.NO_INPUT, "{0}", data);
    }

    @Override
    public Result<BackupReport> restore(Path backup, Path data, boolean acceptLoss) {
        return Result.no(ErrorCode.NO_INPUT, "{0}", backup);
    }

    @Override
    public Result<Instant> acceptLoss(Path data) {
        return Result.no(ErrorCode.NO_INPUT, "{0}", data);
    }

    @Override
    public void removeSnapshot(Path snapshot) {}

    @Override
    public Result<Instant> acceptClock(Path data) {
        return Result.no(ErrorCode.NO_INPUT, "{0}", data);
    }
}
