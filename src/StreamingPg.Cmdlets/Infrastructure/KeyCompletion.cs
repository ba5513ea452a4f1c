using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// Completes the keys of a hash table that is a parameter's value, such as <c>-Rows @{ </c>. PowerShell asks no completer there
/// (https://github.com/PowerShell/PowerShell/issues/3845), so the module asks this one where PowerShell has nothing to offer.
/// </summary>
public static class KeyCompletion
{
    /// <summary>The keys that fit; what PowerShell found where no key is written.</summary>
    /// <param name="found">What PowerShell found: nothing.</param>
    /// <param name="input">The line.</param>
    /// <param name="cursor">Where in the line the cursor is.</param>
    public static CommandCompletion Complete(CommandCompletion found, string input, int cursor)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(input);
        if (Place.Find(input, cursor) is not { } place || Parameter(input, place) is not var (completer, given))
        {
            return found;
        }

        var keys = completer.Keys(given, place.Word).Where(key => !place.Written.Contains(key.ListItemText, StringComparer.OrdinalIgnoreCase)).ToList();
        return new CommandCompletion(new Collection<CompletionResult>(keys), -1, place.Start, cursor - place.Start);
    }

    /// <summary>The completer of the parameter that the hash table belongs to, and the other parameters of its command.</summary>
    private static (WordCompleter Completer, IDictionary Given)? Parameter(string input, Place place)
    {
        // The hash table is unfinished, which makes the rest of the line unreadable: an empty one in its place is read.
        var line = string.Concat(input.AsSpan(0, place.Open), "@{}", input.AsSpan(place.End));
        var tree = Parser.ParseInput(line, out _, out _);
        var call = (CommandAst?)tree.FindAll(static ast => ast is CommandAst, searchNestedScriptBlocks: true)
            .LastOrDefault(ast => ast.Extent.StartOffset < place.Open && ast.Extent.EndOffset > place.Open);
        if (call?.GetCommandName()?.Contains("-Streaming", StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        var bound = StaticParameterBinder.BindCommand(call).BoundParameters;
        var own = bound.Values.FirstOrDefault(one => one.Value?.Extent.StartOffset == place.Open)?.Parameter;
        if (own?.Attributes.OfType<ArgumentCompleterAttribute>().FirstOrDefault()?.Type is not { } type
            || !typeof(WordCompleter).IsAssignableFrom(type))
        {
            return null;
        }

        var given = bound.ToDictionary(static one => one.Key, static one => one.Value.ConstantValue ?? Variable(one.Value.Value), StringComparer.OrdinalIgnoreCase);
        return ((WordCompleter)Activator.CreateInstance(type)!, given);
    }

    private static PSObject? Variable(CommandElementAst? value)
    {
        if (value is not VariableExpressionAst variable)
        {
            return null;
        }

        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddCommand("Get-Variable").AddParameter("Name", variable.VariablePath.UserPath).AddParameter("ValueOnly")
            .AddParameter("ErrorAction", ActionPreference.Ignore).Invoke().FirstOrDefault();
    }

    /// <summary>A place in a hash table where a key is written.</summary>
    /// <param name="Open">Where the hash table begins.</param>
    /// <param name="End">Where it ends: behind its brace, or at the end of the line where it has none yet.</param>
    /// <param name="Start">Where the key begins.</param>
    /// <param name="Word">What is written of the key.</param>
    /// <param name="Written">The keys before it.</param>
    private sealed record Place(int Open, int End, int Start, string Word, IReadOnlyList<string> Written)
    {
        /// <summary>The place at the cursor, or null if no key is written there.</summary>
        public static Place? Find(string input, int cursor)
        {
            Parser.ParseInput(input, out var tokens, out _);
            var open = new Stack<int>();
            var before = tokens.TakeWhile(token => token.Extent.StartOffset < cursor && token.Kind != TokenKind.EndOfInput).ToList();
            for (var index = 0; index < before.Count; index++)
            {
                switch (before[index].Kind)
                {
                    case TokenKind.AtCurly or TokenKind.LCurly or TokenKind.LParen or TokenKind.AtParen or TokenKind.DollarParen:
                        open.Push(index);
                        break;
                    case TokenKind.RCurly or TokenKind.RParen when open.Count > 0:
                        open.Pop();
                        break;
                }
            }

            if (open.Count == 0 || before[open.Peek()] is not { Kind: TokenKind.AtCurly } brace)
            {
                return null;
            }

            var last = before[^1];
            var isWord = last != brace && last.Extent.EndOffset == cursor && !IsSeparator(last) && last.Kind != TokenKind.Equals;
            var previous = isWord ? before[^2] : last;
            return previous == brace || IsSeparator(previous)
                ? new Place(
                    brace.Extent.StartOffset,
                    Close(tokens, brace) ?? input.Length,
                    isWord ? last.Extent.StartOffset : cursor,
                    isWord ? last.Text.Trim('\'', '"') : "",
                    [.. KeysOf(before.Skip(open.Peek() + 1).ToList())])
                : null;
        }

        private static bool IsSeparator(Token token) => token.Kind is TokenKind.Semi or TokenKind.NewLine;

        private static IEnumerable<string> KeysOf(List<Token> tokens) =>
            tokens.Zip(tokens.Skip(1)).Where(static pair => pair.Second.Kind == TokenKind.Equals).Select(static pair => pair.First.Text.Trim('\'', '"'));

        private static int? Close(Token[] tokens, Token brace)
        {
            var depth = 0;
            foreach (var token in tokens.SkipWhile(token => token != brace))
            {
                depth += token.Kind switch { TokenKind.AtCurly or TokenKind.LCurly => 1, TokenKind.RCurly => -1, _ => 0 };
                if (depth == 0)
                {
                    return token.Extent.EndOffset;
                }
            }

            return null;
        }
    }
}
