using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>User names that belong to the row's name and are unique, as in <c>ada.1z.4</c>.</summary>
internal sealed class UserNameColumn : ColumnGenerator
{
    private readonly IPersonNames _names;
    private readonly Utf8Pool _firstNames;
    private readonly RowTag _tag;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public UserNameColumn(IPersonNames names, RowTag tag, int? length)
    {
        _names = names;
        _tag = tag;
        var room = length - _tag.MaximumLength - 1;
        _firstNames = room is < 1
            ? throw new FormatException($"unique user names have up to {_tag.MaximumLength + 2} characters, and the column takes {length}")
            : names.Pools.FirstNameSlugs.Fit(room);
    }

    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.BeginField();
        writer.Append(_firstNames[_names.Choose(row).First]);
        writer.Append((byte)'.');
        _tag.Append(writer, row);
        writer.EndField(start);
    }
}
