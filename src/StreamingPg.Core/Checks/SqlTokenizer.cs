using System.Text;

namespace StreamingPg.Core.Checks;

/// <summary>Cuts an SQL expression into its pieces.</summary>
internal sealed class SqlTokenizer
{
    private const string OperatorCharacters = "+-*/<>=~!@#%^&|`?:";

    private readonly string _sql;
    private readonly List<SqlToken> _tokens = [];
    private int _position;

    private SqlTokenizer(string sql) => _sql = sql;

    private char Current => _position < _sql.Length ? _sql[_position] : '\0';

    private char Next => _position + 1 < _sql.Length ? _sql[_position + 1] : '\0';

    /// <summary>The pieces of an expression, the last of which is the end.</summary>
    /// <exception cref="FormatException">It is not SQL; the message is a clause.</exception>
    public static IReadOnlyList<SqlToken> Tokenize(string sql)
    {
        var tokenizer = new SqlTokenizer(sql);
        while (tokenizer.SkipBlanks())
        {
            tokenizer._tokens.Add(tokenizer.Read());
        }

        tokenizer._tokens.Add(new SqlToken(SqlTokenKind.End, ""));
        return tokenizer._tokens;
    }

    private bool SkipBlanks()
    {
        while (char.IsWhiteSpace(Current))
        {
            _position++;
        }

        return _position < _sql.Length;
    }

    private SqlToken Read() => Current switch
    {
        '\'' => new SqlToken(SqlTokenKind.Text, ReadQuoted('\'', backslashes: false)),
        'e' or 'E' when Next == '\'' => new SqlToken(SqlTokenKind.Text, ReadEscaped()),
        '"' => new SqlToken(SqlTokenKind.QuotedName, ReadQuoted('"', backslashes: false)),
        '.' when char.IsAsciiDigit(Next) => ReadNumber(),
        '(' or ')' or '[' or ']' or ',' or '.' => new SqlToken(SqlTokenKind.Punctuation, _sql[_position++].ToString()),
        var first when char.IsAsciiDigit(first) => ReadNumber(),
        var first when IsWordStart(first) => new SqlToken(SqlTokenKind.Word, ReadWhile(IsWordPart).ToLowerInvariant()),
        var first when OperatorCharacters.Contains(first, StringComparison.Ordinal) => ReadOperator(),
        var first => throw new FormatException($"the character '{first}' is not supported"),
    };

    private string ReadEscaped()
    {
        _position++;
        return ReadQuoted('\'', backslashes: true);
    }

    private string ReadQuoted(char quote, bool backslashes)
    {
        var text = new StringBuilder();
        for (_position++; _position < _sql.Length; _position++)
        {
            if (Current == quote && Next != quote)
            {
                _position++;
                return text.ToString();
            }

            if (Current == quote)
            {
                _position++;
            }
            else if (backslashes && Current == '\\')
            {
                _position++;
                text.Append(Unescape(Current));
                continue;
            }

            text.Append(Current);
        }

        throw new FormatException($"a {quote} is not closed");
    }

    private static char Unescape(char escaped) => escaped switch
    {
        '\\' or '\'' or '"' => escaped,
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => throw new FormatException($"the escape \\{escaped} is not supported"),
    };

    private SqlToken ReadNumber()
    {
        var start = _position;
        ReadWhile(character => char.IsAsciiDigit(character) || character == '.');
        if (Current is 'e' or 'E' && (char.IsAsciiDigit(Next) || Next is '+' or '-'))
        {
            _position += 2;
            ReadWhile(char.IsAsciiDigit);
        }

        return new SqlToken(SqlTokenKind.Number, _sql[start.._position]);
    }

    /// <summary>An operator ends where a sign begins that is not its own: <c>x=-1</c> has two.</summary>
    private SqlToken ReadOperator()
    {
        if (Current == ':')
        {
            _position += Next == ':' ? 2 : throw new FormatException("the character ':' is not supported");
            return new SqlToken(SqlTokenKind.Operator, "::");
        }

        var text = ReadWhile(character => OperatorCharacters.Contains(character, StringComparison.Ordinal) && character != ':');
        while (text.Length > 1 && text[^1] is '+' or '-' && text.IndexOfAny(['~', '!', '@', '#', '%', '^', '&', '|', '`', '?']) < 0)
        {
            text = text[..^1];
            _position--;
        }

        return new SqlToken(SqlTokenKind.Operator, text == "!=" ? "<>" : text);
    }

    private string ReadWhile(Func<char, bool> belongs)
    {
        var start = _position;
        while (_position < _sql.Length && belongs(Current))
        {
            _position++;
        }

        return _sql[start.._position];
    }

    private static bool IsWordStart(char character) => char.IsLetter(character) || character == '_';

    private static bool IsWordPart(char character) => char.IsLetterOrDigit(character) || character is '_' or '$';
}
