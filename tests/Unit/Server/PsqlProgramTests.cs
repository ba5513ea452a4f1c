using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Unit.Server;

public sealed class PsqlProgramTests
{
    [Theory]
    [InlineData(@"C:\Users\Ada O'Hara\psqlrc.conf", true, "'C:/Users/Ada O''Hara/psqlrc.conf'")]
    [InlineData("/home/ada/.psqlrc", false, "'/home/ada/.psqlrc'")]
    [InlineData(@"/home/a\b'c/.psqlrc", false, @"'/home/a\\b''c/.psqlrc'")]
    public void A_path_is_what_psql_reads_in_quotes(string path, bool isWindows, string argument) =>
        Assert.Equal(argument, PsqlProgram.Argument(path, isWindows));
}
