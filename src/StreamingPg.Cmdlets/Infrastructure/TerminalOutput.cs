using System.Management.Automation;
using System.Management.Automation.Language;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Whether what a command gives goes to a person's terminal and nowhere else.</summary>
internal static class TerminalOutput
{
    /// <summary>
    /// True when the command was typed as a statement of its own: not piped, assigned, redirected or called by a script, whose
    /// caller may do any of these.
    /// </summary>
    public static bool IsDirect(PSCmdlet command)
    {
        var call = command.MyInvocation;
        return call is { PipelineLength: 1, CommandOrigin: CommandOrigin.Runspace }
            && !Console.IsOutputRedirected
            && command.Host.UI is { SupportsVirtualTerminal: true }
            && IsStatement(call);
    }

    private static bool IsStatement(InvocationInfo call)
    {
        var tree = Parser.ParseInput(call.Line, out _, out var errors);
        return errors.Length == 0
            && tree.Find(ast => ast is CommandAst && ast.Extent.StartOffset == call.OffsetInLine - 1, searchNestedScriptBlocks: true)
                is CommandAst { Redirections.Count: 0, Parent: PipelineAst { PipelineElements.Count: 1, Parent: NamedBlockAst { Parent: ScriptBlockAst { Parent: null } } } };
    }
}
