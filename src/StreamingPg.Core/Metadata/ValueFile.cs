using System.Globalization;
using System.Text;
using Microsoft.VisualBasic.FileIO;
using StreamingPg.Core.Files;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads the values of a column, and their weights, from a CSV file with a header line.</summary>
internal static class ValueFile
{
    /// <summary>Most values that a column may be given.</summary>
    public const int MaxValues = 1_000_000;

    /// <summary>The values, each once; one that stands there several times comes as often.</summary>
    /// <param name="place">The column, for errors.</param>
    /// <param name="path">Path of the file, from the folder of the metadata.</param>
    /// <param name="column">The column of the file; null for its first one.</param>
    /// <param name="weight">The column with the weights; null for equal ones.</param>
    /// <exception cref="StreamingException">The file cannot be read, or lacks a column.</exception>
    public static IReadOnlyList<WeightedValue> Read(MetadataPlace place, string path, string? column, string? weight)
    {
        var file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(place.Source)) ?? "", path);
        try
        {
            using var parser = new TextFieldParser(file, new UTF8Encoding(false, throwOnInvalidBytes: true)) { TrimWhiteSpace = false };
            parser.SetDelimiters(",");
            return Read(place, path, parser, column, weight);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw place.Error($"the file \"{path}\" of \"from\" does not exist", $"Its path is relative to the metadata: {file}.");
        }
        catch (Exception exception) when (exception is MalformedLineException or DecoderFallbackException)
        {
            throw place.Error($"the file \"{path}\" of \"from\" is not CSV in UTF-8: {exception.Message.TrimEnd('.')}");
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            throw place.Error($"the file \"{path}\" of \"from\" cannot be read: {exception.Message.TrimEnd('.')}");
        }
    }

    private static IReadOnlyList<WeightedValue> Read(MetadataPlace place, string path, TextFieldParser parser, string? column, string? weight)
    {
        var header = parser.ReadFields() ?? throw place.Error($"the file \"{path}\" of \"from\" is empty", "Give it a header line and values.");
        var (valueAt, weightAt) = (column is null ? 0 : IndexOf(place, path, header, column), weight is null ? -1 : IndexOf(place, path, header, weight));
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        while (!parser.EndOfData)
        {
            var line = parser.LineNumber;
            var fields = parser.ReadFields()!;
            if (fields.Length <= Math.Max(valueAt, weightAt))
            {
                throw place.Error($"line {line} of the file \"{path}\" of \"from\" has {fields.Length} fields, but the header has {header.Length}");
            }

            if (fields[valueAt].Length > 0)
            {
                values[fields[valueAt]] = values.GetValueOrDefault(fields[valueAt]) + (weightAt < 0 ? 1 : Weight(place, path, line, fields[weightAt]));
            }

            if (values.Count > MaxValues)
            {
                throw place.Error($"the file \"{path}\" of \"from\" has more than {MaxValues} values", "Use fewer.");
            }
        }

        return values.Values.Sum() > 0
            ? [.. values.Select(entry => new WeightedValue(entry.Key, entry.Value))]
            : throw place.Error($"the file \"{path}\" of \"from\" has no value with a weight above 0");
    }

    private static int IndexOf(MetadataPlace place, string path, string[] header, string name) => Array.IndexOf(header, name) is >= 0 and var index
        ? index
        : throw place.Error($"the file \"{path}\" of \"from\" has no column \"{name}\"", MetadataError.Suggest(name, header));

    private static double Weight(MetadataPlace place, string path, long line, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && weight >= 0 && double.IsFinite(weight)
            ? weight
            : throw place.Error($"line {line} of the file \"{path}\" of \"from\" has the weight \"{text}\", but it must be a number of 0 or more");
}
