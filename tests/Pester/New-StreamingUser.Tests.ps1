BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'New-StreamingUser' {
    It 'makes <_> users' -ForEach 0, 1, 1000 {
        @(New-StreamingUser -Count $_).Count | Should -Be $_
    }

    It 'makes users as the guarantees say' {
        $users = New-StreamingUser -Count 500
        $users[0] | Should -BeOfType StreamingPg.StreamingUser
        $users.UserId | Sort-Object -Unique | Should -HaveCount 500
        $users.Email | Sort-Object -Unique | Should -HaveCount 500
        $users | Where-Object { $_.Age -lt 18 -or $_.Age -gt 90 } | Should -BeNullOrEmpty
        $users | Where-Object { $_.Email -notmatch '@(example\.(com|net|org)|[a-z]+\.example)$' } | Should -BeNullOrEmpty
        $users | Where-Object { $_.RegistrationDate -gt [datetime]::UtcNow } | Should -BeNullOrEmpty
    }

    It 'makes the same users from the same seed' {
        New-StreamingUser -Count 20 -Seed 7 | ConvertTo-Json | Should -Be (New-StreamingUser -Count 20 -Seed 7 | ConvertTo-Json)
        New-StreamingUser -Count 20 -Seed 8 | ConvertTo-Json | Should -Not -Be (New-StreamingUser -Count 20 -Seed 7 | ConvertTo-Json)
    }

    It 'keeps to the reference time, in whatever zone it is given' {
        $utc = New-StreamingUser -Count 50 -Seed 1 -ReferenceTime '2020-01-01T12:00:00'
        $zone = New-StreamingUser -Count 50 -Seed 1 -ReferenceTime '2020-01-01T14:00:00+02:00'
        $utc | Where-Object RegistrationDate -GT ([datetime] '2020-01-01T12:00:00') | Should -BeNullOrEmpty
        $zone.RegistrationDate | Should -Be $utc.RegistrationDate
    }

    It 'gives objects as they are made' {
        $first = [System.Diagnostics.Stopwatch]::StartNew()
        New-StreamingUser -Count 1000000000 | Select-Object -First 3 | Should -HaveCount 3
        # All of them would take half an hour.
        $first.Elapsed | Should -BeLessThan ([timespan]::FromMinutes(1))
    }

    It 'refuses an unknown locale and a count below zero' {
        { New-StreamingUser -Locale xx_none } | Should -Throw -ErrorId 'UnknownLocale,StreamingPg.Cmdlets.Commands.NewStreamingUserCommand'
        { New-StreamingUser -Count -1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,StreamingPg.Cmdlets.Commands.NewStreamingUserCommand'
    }

    It 'completes locales' {
        $completions = [System.Management.Automation.CommandCompletion]::CompleteInput('New-StreamingUser -Locale d', 27, $null)
        $completions.CompletionMatches.CompletionText | Should -Contain 'de'
    }
}
