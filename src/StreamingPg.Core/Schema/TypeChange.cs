using System.Globalization;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>What it means to give a column another type.</summary>
/// <param name="Need">What it takes.</param>
/// <param name="Loss">SQL condition, with <c>{0}</c> for the column, that holds for rows whose value is lost or changed.</param>
/// <param name="Using">SQL expression, with <c>{0}</c> for the column and <c>{1}</c> for the type, that makes the new value.</param>
internal sealed record TypeChange(UpdateNeed Need, string Loss, string Using = "{0}::{1}")
{
    private static readonly TypeChange Safe = new(UpdateNeed.Nothing, "");

    /// <summary>The change between two types that are not the same.</summary>
    /// <param name="live">Type as format_type spells it.</param>
    /// <param name="wanted">Type of the model.</param>
    public static TypeChange Between(string live, ColumnType wanted)
    {
        // Of any other type every value is created again.
        var anew = new TypeChange(UpdateNeed.Force, "{0} IS NOT NULL");
        if (!ColumnType.TryParse(live, out var from, out _) || wanted.UserType is not null || wanted.Element is not null)
        {
            return anew;
        }

        var to = wanted.WithoutSequence();
        return (from.Kind, to.Kind) switch
        {
            (ColumnKind.VarChar or ColumnKind.Text, ColumnKind.VarChar or ColumnKind.Text) => OfText(from, to),
            (ColumnKind.Decimal, ColumnKind.Decimal) => OfNumeric(from, to),
            _ when from.IsInteger && to.IsInteger => OfInteger(from, to),
            (ColumnKind.Timestamp, ColumnKind.TimestampTz) or (ColumnKind.TimestampTz, ColumnKind.Timestamp) =>
                anew with { Using = "{0} AT TIME ZONE 'UTC'" },
            _ => anew,
        };
    }

    private static TypeChange OfText(ColumnType from, ColumnType to) => to.Holds(from)
        ? Safe
        : new(UpdateNeed.Force, string.Create(CultureInfo.InvariantCulture, $"char_length({{0}}) > {to.Length}"));

    private static TypeChange OfNumeric(ColumnType from, ColumnType to)
    {
        var scale = to.Scale ?? 0;
        return to.Holds(from)
            ? Safe
            : new(
                UpdateNeed.Force,
                string.Create(CultureInfo.InvariantCulture, $"({{0}} <> round({{0}}, {scale}) OR abs(round({{0}}, {scale})) >= 1e{to.Precision - scale})"));
    }

    private static TypeChange OfInteger(ColumnType from, ColumnType to)
    {
        var bits = Bits(to.Kind);
        return Bits(from.WithoutSequence().Kind) < bits
            ? new(UpdateNeed.WidenIntegers, "")
            : new(
                UpdateNeed.Force,
                string.Create(CultureInfo.InvariantCulture, $"{{0}} NOT BETWEEN {-(1L << (bits - 1))} AND {(1L << (bits - 1)) - 1}"));
    }

    private static int Bits(ColumnKind kind) => kind switch
    {
        ColumnKind.SmallInteger => 16,
        ColumnKind.Integer => 32,
        _ => 64,
    };
}
