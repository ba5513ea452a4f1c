# Rules of PSScriptAnalyzer for every script here; editors find this file by its name. tests/Pester/Analyzer.Tests.ps1 runs it.
@{
    ExcludeRules = @(
        # The module exports cmdlets only. The functions that these rules find are private to one script, which calls them and nobody else.
        'PSAvoidUsingPositionalParameters'
        'PSUseShouldProcessForStateChangingFunctions'

        # Build, tools and the demo talk to whoever started them.
        'PSAvoidUsingWriteHost'

        # Of a script it does not see that a function inside it uses the parameter.
        'PSReviewUnusedParameter'
    )
}
