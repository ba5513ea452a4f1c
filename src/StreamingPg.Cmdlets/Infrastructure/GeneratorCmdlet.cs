using System.Management.Automation;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command that makes records.</summary>
public abstract class GeneratorCmdlet : StreamingCmdlet
{
    /// <summary>Records to make.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(0L, long.MaxValue)]
    public long Count { get; set; } = 1;

    /// <summary>Seed of the random values.</summary>
    [Parameter]
    public long? Seed { get; set; }

    /// <summary>No generated time is after this one.</summary>
    [Parameter]
    [Instant]
    public DateTime? ReferenceTime { get; set; }

    /// <summary>Locale of names, cities and products.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LocaleCompleter))]
    public string Locale { get; set; } = "en";

    /// <summary>What was asked for, in the engine's words.</summary>
    private protected GenerationOptions Options => new()
    {
        Seed = Seed,
        ReferenceTime = ReferenceTime,
        Locale = Locale,
    };

    /// <summary>Emits records as they are made, until the user has enough.</summary>
    private protected void WriteEach<T>(IEnumerable<T> records)
    {
        foreach (var record in records)
        {
            StoppingToken.ThrowIfCancellationRequested();
            WriteObject(record);
        }
    }
}
