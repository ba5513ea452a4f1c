using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Tests.Integration.Retention;

/// <summary>Runs retention to its end.</summary>
internal static class RemovalHelper
{
    public static async Task<Dictionary<string, RemovalResult>> RemoveAsync(
        DatabaseConnection connection,
        RetentionOptions options,
        StreamModel? model = null,
        IProgress<BatchEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        var results = new Dictionary<string, RemovalResult>();
        await foreach (var result in RetentionRunner.RunAsync(
            connection, model ?? MetadataReader.Default, options, progress: null, events, cancellationToken))
        {
            results.Add(result.Table, result);
        }

        return results;
    }
}
