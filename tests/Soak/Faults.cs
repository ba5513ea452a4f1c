using System.Diagnostics;

namespace StreamingPg.Soak;

/// <summary>What happens to real machines, one thing after the other.</summary>
internal sealed class Faults
{
    private static readonly string[] Clocks = ["+0", "+30", "-30", "+1h", "-1h", "+1d", "-1d"];

    private readonly Pair _pair;
    private readonly Pooler? _pooler;
    private readonly Writer[] _writers;
    private readonly List<Fault> _faults = [];
    private readonly List<TimeSpan> _returns = [];

    /// <param name="pair">The servers.</param>
    /// <param name="pooler">The pooler before them, or null.</param>
    /// <param name="writers">The writers.</param>
    /// <param name="log">Disk of an event log.</param>
    /// <param name="output">Disk of a writer's standard output.</param>
    /// <param name="clock">File that the first writer's clock is read from; null when it has the machine's.</param>
    public Faults(Pair pair, Pooler? pooler, Writer[] writers, Disk log, Disk output, string? clock)
    {
        _pair = pair;
        _pooler = pooler;
        _writers = writers;
        var canFill = log.CanFill;
        Add("server killed (SIGKILL)", 4, true, () => _pair.Primary.KillAsync());
        Add("standby killed (SIGKILL)", 1, true, () => _pair.Standby.KillAsync());
        Add("server frozen (SIGSTOP, up to 90 s)", 3, true, () => _pair.Primary.FreezeAsync(Long()));
        Add("standby frozen (SIGSTOP, up to 90 s)", 1, true, () => _pair.Standby.FreezeAsync(Long()));
        Add("failover to the standby", 2, true, FailOverAsync);
        Add("writer killed (SIGKILL)", 4, true, () => Task.Run(AnyWriter().Kill));
        Add("writer frozen (SIGSTOP, up to 90 s)", 3, true, () => AnyWriter().FreezeAsync(Long()));
        Add("pooler restarted", 3, pooler is not null, () => _pooler!.RestartAsync());
        Add("disk of the data full", 2, canFill, () => FillAsync(_pair.Primary.DataDisk));
        Add("disk of the WAL full", 1, canFill, () => FillAsync(_pair.Primary.WalDisk));
        Add("disk of the event log full", 1, canFill, () => FillAsync(log));
        Add("disk of standard output full", 1, canFill, () => FillAsync(output));
        Add("a writer's clock set (by up to a day)", 2, clock is not null, () => File.WriteAllTextAsync(clock!, Clocks[Random.Shared.Next(Clocks.Length)]));
    }

    /// <summary>Writers killed so far.</summary>
    public int WritersKilled => _faults.Single(fault => fault.Name.StartsWith("writer killed", StringComparison.Ordinal)).Count;

    /// <summary>Lets one thing happen, and brings back what does not come back by itself.</summary>
    public async Task RunOneAsync()
    {
        var possible = _faults.Where(fault => fault.IsPossible).ToList();
        var draw = Random.Shared.Next(possible.Sum(fault => fault.Weight));
        var chosen = possible.First(fault => (draw -= fault.Weight) < 0);
        Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {chosen.Name}");
        await chosen.RunAsync();
        chosen.Count++;
        await _pair.EnsureUpAsync();
    }

    /// <summary>How often what happened.</summary>
    public void Write()
    {
        foreach (var fault in _faults)
        {
            Console.WriteLine($"{fault.Name,-41}: {(fault.IsPossible ? $"{fault.Count}" : "not run here")}");
        }

        Console.WriteLine($"{"ways back after a promotion",-41}: {string.Join(", ", _returns.Order().Select(time => DisplayText.Duration(time)))}");
    }

    private static TimeSpan Long() =>
        TimeSpan.FromSeconds(Random.Shared.Next(4) == 0 ? 30 + (60 * Random.Shared.NextDouble()) : 1 + (14 * Random.Shared.NextDouble()));

    private static async Task FillAsync(Disk disk)
    {
        await disk.FillAsync();
        await Task.Delay(TimeSpan.FromSeconds(3 + (7 * Random.Shared.NextDouble())));
        disk.Free();
    }

    private async Task FailOverAsync()
    {
        var back = Task.CompletedTask;
        await _pair.FailOverAsync(primary => back = PointAndWaitAsync(primary));
        await back;
    }

    /// <summary>Points the pooler to the new primary, and waits for the next report of a writer that reports at once.</summary>
    private async Task PointAndWaitAsync(Node primary)
    {
        var promoted = Stopwatch.GetTimestamp();
        if (_pooler is not null)
        {
            await _pooler.PointToAsync(primary);
        }

        while (_writers.Max(writer => writer.LastReport) < promoted && Stopwatch.GetElapsedTime(promoted) < TimeSpan.FromMinutes(2))
        {
            await Task.Delay(20);
        }

        _returns.Add(Stopwatch.GetElapsedTime(promoted));
    }

    private Writer AnyWriter() => _writers[Random.Shared.Next(_writers.Length)];

    private void Add(string name, int weight, bool isPossible, Func<Task> run) => _faults.Add(new Fault(name, weight, isPossible, run));

    private sealed class Fault(string name, int weight, bool isPossible, Func<Task> run)
    {
        public string Name => name;

        public int Weight => weight;

        public bool IsPossible => isPossible;

        public int Count { get; set; }

        public Task RunAsync() => run();
    }
}
