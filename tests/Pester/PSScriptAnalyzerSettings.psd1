# What is different in Pester's files, beside the settings of all scripts.
@{
    ExcludeRules = @(
        'PSAvoidUsingPositionalParameters'
        'PSUseShouldProcessForStateChangingFunctions'
        'PSAvoidUsingWriteHost'
        'PSReviewUnusedParameter'

        # Variables of BeforeAll and BeforeDiscovery are used in other blocks, which Pester runs in the same scope.
        'PSUseDeclaredVarsMoreThanAssignments'

        # All files of a run share one folder and one server.
        'PSAvoidGlobalVars'
    )
}
