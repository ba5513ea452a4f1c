using System.Text;
using System.Xml;

namespace StreamingPg.Core.Report.Charts;

/// <summary>Writes the elements of a page; whatever text it gets is escaped, so that data cannot become markup.</summary>
internal sealed class MarkupWriter : IDisposable
{
    // Elements of HTML that have no end tag.
    private static readonly HashSet<string> Void = new(StringComparer.Ordinal) { "meta", "br" };

    private readonly XmlWriter _writer;
    private readonly Stack<string> _open = new();

    /// <param name="output">Gets the page.</param>
    /// <param name="isWhole">False for a part of a page.</param>
    public MarkupWriter(TextWriter output, bool isWhole = true)
    {
        _writer = XmlWriter.Create(output, new XmlWriterSettings
        {
            ConformanceLevel = ConformanceLevel.Fragment,
            OmitXmlDeclaration = true,
            Indent = false,
        });
        if (isWhole)
        {
            _writer.WriteRaw("<!DOCTYPE html>\n");
        }
    }

    /// <summary>A part of a page as text.</summary>
    public static string Part(Action<MarkupWriter> write)
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var page = new MarkupWriter(text, isWhole: false))
        {
            write(page);
        }

        return text.ToString();
    }

    /// <summary>Begins an element; <see cref="End"/> ends it.</summary>
    public MarkupWriter Begin(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _writer.WriteStartElement(name);
        _open.Push(name);
        foreach (var (attribute, value) in attributes)
        {
            _writer.WriteAttributeString(attribute, Clean(value));
        }

        return this;
    }

    /// <summary>Ends the innermost element.</summary>
    public MarkupWriter End()
    {
        if (Void.Contains(_open.Pop()))
        {
            _writer.WriteEndElement();
        }
        else
        {
            _writer.WriteFullEndElement();
        }

        return this;
    }

    /// <summary>Text within the innermost element.</summary>
    public MarkupWriter Text(string text)
    {
        _writer.WriteString(Clean(text));
        return this;
    }

    /// <summary>An element with text in it.</summary>
    public MarkupWriter Leaf(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Begin(name, attributes).Text(text).End();

    /// <summary>A style sheet, which is ours and written as it stands.</summary>
    public void Style(string css)
    {
        _writer.WriteStartElement("style");
        _writer.WriteRaw(css);
        _writer.WriteFullEndElement();
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>Control characters may not stand in a page, not even escaped; those that turn the direction of writing could make
    /// the text around them read otherwise.</summary>
    private static string Clean(string text)
    {
        StringBuilder? clean = null;
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            var isBad = character is (< ' ' and not ('\t' or '\n')) or '\x7F' or (>= '\x80' and < '\xA0') or '\uFFFE' or '\uFFFF'
                or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
            if (isBad)
            {
                (clean ??= new StringBuilder(text))[index] = '\uFFFD';
            }
        }

        return clean?.ToString() ?? text;
    }
}
