package lienthong.gateway.cli;

import java.nio.file.Path;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;

/** For tests of commands that look into no data folder. */
enum NoFolders implements DataFolders {
    INSTANCE;

    @Override
    public Result<StoreReport> check(Path data) {
        return Result.no(ErrorCode.NO_INPUT, "{0}", data);
    }
}
