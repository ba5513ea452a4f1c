using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The place that a row is at: one draw, which all columns of the address share.</summary>
/// <param name="random">Random stream of the address.</param>
/// <param name="places">Where the rows may be.</param>
internal sealed class PlaceDraw(CountedRandom random, PlaceSet places)
{
    /// <summary>Where the rows may be.</summary>
    public PlaceSet Places => places;

    /// <summary>The place of a row, by its number among <see cref="Places"/>.</summary>
    public int At(long row) => (int)random.Below(row, places.Places.Count);

    /// <summary>Bits for how far from the middle of the city a row is.</summary>
    public ulong Offset(long row) => random.Bits(~row);
}

/// <summary>A text that a row's place has.</summary>
internal sealed class PlaceTextColumn(PlaceDraw draw, PlaceText text, int? length) : ColumnGenerator
{
    private readonly Utf8Pool _texts = draw.Places.Texts(text).Fit(length);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_texts[draw.At(row)]);
}

/// <summary>A postal code, or a telephone number, of a row's place.</summary>
internal sealed class PlaceNumberColumn(CountedRandom random, PlaceDraw draw, Func<Place, DigitTemplate> template) : ColumnGenerator
{
    private readonly DigitTemplate[] _templates = [.. draw.Places.Places.Select(template)];

    public override void Write(RowWriter writer, long row) => _templates[draw.At(row)].Write(writer, random.Bits(row));
}

/// <summary>A degree of a row's place: within some kilometres of the middle of the city.</summary>
internal sealed class PlaceDegreeColumn : ColumnGenerator
{
    private const double Reach = 0.04;

    private readonly PlaceDraw _draw;
    private readonly ValueScale _scale;
    private readonly double[] _degrees;
    private readonly bool _isLatitude;

    public PlaceDegreeColumn(PlaceDraw draw, ValueScale scale, bool isLatitude)
    {
        (_draw, _scale, _isLatitude) = (draw, scale, isLatitude);
        _degrees = [.. draw.Places.Places.Select(place => isLatitude ? place.Latitude : place.Longitude)];
    }

    public override void Write(RowWriter writer, long row)
    {
        // Half of the bits for each direction.
        var bits = (uint)(_isLatitude ? _draw.Offset(row) >> 32 : _draw.Offset(row));
        var degrees = _degrees[_draw.At(row)] + (((bits / (double)uint.MaxValue) - 0.5) * 2 * Reach);
        _scale.Write(writer, (long)Math.Round(degrees * _scale.StepsPerUnit));
    }
}

/// <summary>The company that a row is about, or whose people it is about.</summary>
internal sealed class CompanyDraw(CountedRandom random, ValuePools pools)
{
    /// <summary>The names.</summary>
    public Utf8Pool Names { get; } = pools.Of(PoolKind.Company);

    /// <summary>The domains, in the order of the names, in .example (RFC 2606).</summary>
    public Utf8Pool Domains { get; } = pools.Of(PoolKind.CompanyDomain);

    /// <summary>The industries, in the order of the names.</summary>
    public Utf8Pool Industries { get; } = pools.Of(PoolKind.Industry);

    /// <summary>The company of a row.</summary>
    public int At(long row) => (int)random.Below(row, Names.Count);
}

/// <summary>A text of a row's company.</summary>
internal sealed class CompanyTextColumn(CompanyDraw draw, Utf8Pool texts, int? length) : ColumnGenerator
{
    private readonly Utf8Pool _texts = texts.Fit(length);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_texts[draw.At(row)]);
}

/// <summary>A text of a row's product.</summary>
internal sealed class ProductTextColumn(PooledTextColumn products, Utf8Pool texts, int? length) : ColumnGenerator
{
    private readonly Utf8Pool _texts = texts.Fit(length);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_texts[products.Choose(row)]);
}
