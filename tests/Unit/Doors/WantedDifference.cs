namespace StreamingPg.Tests.Unit.Doors;

/// <summary>A name that only one of the two doors has, and why.</summary>
/// <param name="Commands">The commands, separated by commas; * for all of them, as far as they have it.</param>
/// <param name="Name">What only the command line has (<c>--json</c>), or only the cmdlet (<c>-Quiet</c>).</param>
/// <param name="Reason">Why.</param>
internal sealed record WantedDifference(string Commands, string Name, string Reason)
{
    private const string Pipeline = "a pipeline of objects is PowerShell's";

    public static readonly WantedDifference[] All =
    [
        new("*", "--json", "PowerShell gives objects"),
        new("*", "--host", "as psql; PowerShell says HostName (Enter-PSSession), and $Host is something else"),
        new("*", "-HostName", "see --host"),
        new("*", "--username", "PowerShell has credentials"),
        new("*", "--password-file", "PowerShell has credentials"),
        new("*", "-Credential", "see --username and --password-file"),
        new("*", "-Connection", "a process makes its own connection; a session keeps one"),
        new("*", "--max-pool-size", "of a session: Connect-StreamingDatabase -MaxPoolSize"),
        new("*", "--generator-path", "a session registers an assembly once: Register-StreamingGenerator -GeneratorPath"),
        new("batch,stream,backfill,generate", "-Generator", "script blocks are PowerShell's"),
        new("test,check,health,test-metadata", "-Quiet", "a program has an exit code"),
        new("stream", "-Continuous", "a command of its own"),
        new("stream", "--dashboard,--listen-port,--allow-control", "a session starts the page beside the job: Start-StreamingDashboard"),
        new("dashboard", "-AllowControl", "of the streams of one process: stream --dashboard --allow-control"),
        new("dashboard", "--duration", "a session stops it: Stop-StreamingDashboard"),
        new("dashboard", "-WhatIf", "Start- asks in PowerShell; a process that only reads and listens has nothing to plan"),
        new("fill", "-FromDatabase", "a command of its own"),
        new("stream", "-AsJob,-JobName", "a process runs by itself"),
        new("report", "-Open", "a command of cron and containers has nobody to show it to"),
        new("import", "-InputObject", Pipeline),
        new("generate", "-Parent", Pipeline),
        new("generate", "-PassThru", Pipeline),
        new("generate", "-Existing", "generate needs no database"),
        new("generate", "--rows,--users,--transactions,--details", "generate makes one table of a whole batch, whose tables refer to each other"),
        new("generate,rows,query", "--format", Pipeline),
    ];

    /// <summary>Cmdlets that have no command.</summary>
    public static readonly (string Cmdlet, string Reason)[] CmdletsWithoutCommand =
    [
        ("Connect-StreamingDatabase", "a session keeps a connection, a process does not"),
        ("Disconnect-StreamingDatabase", "see Connect-StreamingDatabase"),
        ("Get-StreamingConnection", "see Connect-StreamingDatabase"),
        ("Stop-StreamingDashboard", "a process is stopped by Ctrl+C"),
        ("Register-StreamingGenerator", "of a session; --generator-path is its assemblies"),
        ("New-StreamingUser", "typed records; generate --table users"),
        ("New-StreamingTransaction", "typed records; generate --table transactions"),
        ("New-StreamingDetail", "typed records; generate --table detailed_transactions"),
    ];

    /// <summary>Commands that have no cmdlet.</summary>
    public static readonly (string Command, string Reason)[] CommandsWithoutCmdlet =
    [
        ("mcp", "agents start a program of its own; in PowerShell they call the cmdlets"),
        ("psql", "Get-StreamingServer has the line that opens it"),
        ("completion", "PowerShell completes cmdlets by itself"),
    ];

    /// <summary>Defaults that differ.</summary>
    public static readonly (string Option, string Reason)[] Defaults =
    [
        ("batch --max-retry", "one cmdlet for batch and stream: null stands for the default of either"),
        ("stream --max-retry", "see batch"),
        ("backfill --max-retry", "see batch"),
        ("generate --count", "generate makes one table of a whole batch, which has rows of its own; New-StreamingRow makes one row"),
    ];

    /// <summary>True for a difference such as <c>batch -WhatIf</c>.</summary>
    public bool Covers(string difference)
    {
        var end = difference.LastIndexOf(' ');
        return (Commands == "*" || Commands.Split(',').Contains(difference[..end])) && Name.Split(',').Contains(difference[(end + 1)..]);
    }

    /// <summary>Every name of every command.</summary>
    public IEnumerable<string> Each() => Commands.Split(',').SelectMany(command => Name.Split(',').Select(name => $"{command} {name}"));
}
