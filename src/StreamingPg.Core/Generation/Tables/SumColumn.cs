using System.Buffers.Binary;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>The sum, over the rows that the batch makes for a row, of the product of some of their columns; where there are none, 0 or what one would give.</summary>
/// <param name="rule">What is summed up.</param>
/// <param name="tables">The tables of the part; that of the rows may come later.</param>
/// <param name="partition">Which rows a row gets; null when the batch makes none.</param>
internal sealed class SumColumn(SumRule rule, IReadOnlyDictionary<string, TableGenerator> tables, Partition? partition) : ColumnGenerator
{
    /// <summary>What is summed up.</summary>
    public SumRule Rule => rule;

    /// <summary>Which rows a row gets; null when the batch makes none.</summary>
    public Partition? Partition => partition;

    private RowWriter? _field;
    private ParentLink? _link;
    private readonly int[] _factors = [.. rule.Factors.Select(rule.Parts.IndexOf)];

    public override void Write(RowWriter writer, long row)
    {
        try
        {
            var sum = SumOf(row);
            if (rule.Column.Type is { Kind: ColumnKind.Decimal } type)
            {
                sum = Fit(sum, type);
                NumericCodec.Write(writer, sum, type.Precision is null ? null : type.Scale ?? 0);
            }
            else
            {
                FieldCodec.Write(writer, rule.Column.Type, decimal.Round(sum, MidpointRounding.AwayFromZero));
            }
        }
        catch (Exception exception) when (exception is OverflowException or FormatException)
        {
            throw new StreamingException(
                ErrorIds.SumTooLarge,
                StreamingErrorKind.InvalidInput,
                $"The rows of \"{rule.Parts.Name}\" for one of \"{rule.Whole.Name}\" add up to more than \"{rule.Column.Name}\" "
                + $"{rule.Column.Type.ToSql()} can hold.",
                $"Request fewer rows of \"{rule.Parts.Name}\", limit their columns with \"max\", or widen the column.",
                rule.Whole.Name,
                exception);
        }
    }

    private decimal SumOf(long row)
    {
        var parts = partition?.ChildrenOf(row) ?? default;
        var isOfUnseen = parts.Count == 0 && rule.Column.SumOf!.IsOfOneIfNone;
        if (parts.Count == 0 && !isOfUnseen)
        {
            return 0;
        }

        var generator = tables[rule.Parts.Name];
        var field = _field ??= RowWriter.OfValues();
        if (isOfUnseen)
        {
            return Product(generator, field, AmountColumn.UnseenLines + row);
        }

        decimal sum = 0;
        var link = _link ??= generator.Link(rule.Key);
        for (var part = parts.From; part < parts.To; part++)
        {
            // A part may do without a parent.
            if (link.ParentOf(part) == row)
            {
                sum += Product(generator, field, part);
            }
        }

        return sum;
    }

    /// <summary>The product of a row's factors; as in SQL, a row with a NULL among them adds nothing.</summary>
    private decimal Product(TableGenerator generator, RowWriter field, long part)
    {
        decimal product = 1;
        foreach (var factor in _factors)
        {
            field.Return(0);
            generator.Columns[factor].Write(field, part);
            if (field.IsNullAt(0))
            {
                return 0;
            }

            product *= Number(rule.Parts.Columns[factor].Type, field.Block.Buffer.AsSpan(sizeof(int), field.Position - sizeof(int)));
        }

        return product;
    }

    private static decimal Number(ColumnType type, ReadOnlySpan<byte> field) => (type.Kind, field.Length) switch
    {
        (ColumnKind.Decimal, _) => NumericCodec.Read(field),
        (_, sizeof(short)) => BinaryPrimitives.ReadInt16BigEndian(field),
        (_, sizeof(int)) => BinaryPrimitives.ReadInt32BigEndian(field),
        _ => BinaryPrimitives.ReadInt64BigEndian(field),
    };

    /// <summary>Rounded as PostgreSQL rounds.</summary>
    private static decimal Fit(decimal sum, ColumnType type)
    {
        if (type.Precision is not { } precision)
        {
            return sum;
        }

        var scale = type.Scale ?? 0;
        var rounded = decimal.Round(sum, Math.Clamp(scale, 0, 28), MidpointRounding.AwayFromZero);
        return precision - scale >= 28 || Math.Abs(rounded) < (decimal)Math.Pow(10, precision - scale)
            ? rounded
            : throw new OverflowException();
    }
}
