BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    [xml] $xml = Get-Content -Raw -LiteralPath (Join-Path (Split-Path (Get-ModuleManifest)) 'StreamingPg.Format.ps1xml')
    $views = $xml.SelectNodes('//View')
    $tables = $views | Where-Object TableControl | ForEach-Object { @{ TypeName = $_.ViewSelectedBy.TypeName; View = $_ } }
    $lists = $views | Where-Object ListControl | ForEach-Object { @{ TypeName = $_.ViewSelectedBy.TypeName; View = $_ } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'The table of <TypeName>' -ForEach $tables {
    BeforeAll {
        $type = [StreamingPg.BatchResult].Assembly.GetType($TypeName)
        $headers = @($View.TableControl.TableHeaders.TableColumnHeader)
    }

    It 'has the names of properties as labels' {
        $headers.Label | Where-Object { $_ -notin $type.GetProperties().Name } | Should -BeNullOrEmpty
    }

    It 'has columns that fit their labels' {
        $headers | Where-Object { $_['Width'] -and [int] $_.Width -lt $_.Label.Length } | ForEach-Object Label | Should -BeNullOrEmpty
    }

    It 'is whole at 80 columns' {
        # One column takes the rest, and at least 19 of it; or the first columns end at 79, and the next begins beyond the edge.
        $widths = @($headers.ForEach{ [int] ($_['Width'] ? $_.Width : 0) })
        if ($widths -contains 0) {
            @($widths -eq 0).Count | Should -Be 1
            79 - ($widths | Measure-Object -Sum).Sum - ($widths.Count - 1) | Should -BeGreaterOrEqual 19
            $widths[-1] | Should -Be 0 -Because "PowerShell sizes a table by its content if another column than the last has no width"
        }
        else {
            $ends = for ($sum = -1; $true; ) { foreach ($width in $widths) { ($sum += 1 + $width) }; break }
            $ends | Should -Contain 79
            $ends[-1] | Should -BeLessThan 120
        }
    }

    It 'says what is shown of it among records of another kind' {
        (Get-TypeData -TypeName $TypeName).DefaultDisplayPropertySet.ReferencedProperties | Should -Not -BeNullOrEmpty
    }
}

Describe 'The list of <TypeName>' -ForEach $lists {
    It 'has the names of properties as labels' {
        $names = [StreamingPg.BatchResult].Assembly.GetType($TypeName).GetProperties().Name
        @($View.SelectNodes('.//ListItem')).ForEach{ $_['Label'] ? $_.Label : $_.PropertyName } | Where-Object { $_ -notin $names } | Should -BeNullOrEmpty
    }
}

Describe 'Results at 80 columns' {
    BeforeAll {
        $critical = [StreamingPg.HealthResult]@{
            Check = 'BatchAge'; Object = 'streaming.batch_ledger'; Status = 'Critical'; Unit = 'Seconds'; Value = 4000; Warning = 30; Critical = 120
            Advice = 'No batch was loaded for more than an hour. Check that the process that runs the stream is alive, and read its log.'
        }
        $healthy = [StreamingPg.HealthResult]@{ Check = 'Connections'; Object = 'the server'; Status = 'Ok'; Unit = 'Share'; Value = 0.1; Advice = 'not shown' }
        function Show-Plain($Object, [int] $Width = 80) {
            $before = $PSStyle.OutputRendering
            $PSStyle.OutputRendering = 'PlainText'
            try { ($Object | Out-String -Width $Width) -split '\r?\n' } finally { $PSStyle.OutputRendering = $before }
        }
    }

    It 'have advice in long lines below the object, for what needs it only' {
        $lines = Show-Plain $critical, $healthy
        $lines -join ' ' -replace '\s+', ' ' | Should -Match 'batch_ledger > 30\.0 s, 2 min\. No batch was loaded for more than an hour\.'
        $lines.Where{ $_ -match 'No batch was loaded' } | Should -HaveCount 1
        $lines -join ' ' | Should -Not -Match 'not shown'
        ($lines.Length | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual 80
    }

    It 'have colours by name in a terminal, and none in plain text or a file' {
        $before = $PSStyle.OutputRendering
        $PSStyle.OutputRendering = 'Ansi'
        try { $coloured = $critical | Out-String -Width 80 } finally { $PSStyle.OutputRendering = $before }
        $coloured | Should -Match ([regex]::Escape($PSStyle.Formatting.Error) + 'Critical')
        (Show-Plain $critical) -join '' | Should -Not -Match "`e"
        $broken = { param($severity) [StreamingPg.IntegrityResult]@{ Check = 'a'; Table = 't'; Count = 2; Severity = $severity; Duration = 0; Detail = 'Mend it.' } }
        $PSStyle.OutputRendering = 'Ansi'
        try { $coloured = & { & $broken Error; & $broken Warning } | Out-String -Width 80 } finally { $PSStyle.OutputRendering = $before }
        $coloured | Should -Match ([regex]::Escape($PSStyle.Formatting.Error) + 'Broken')
        $coloured | Should -Match ([regex]::Escape($PSStyle.Formatting.Warning) + 'Warning')
        $env:NO_COLOR = '1'
        try {
            (Invoke-FreshPowerShell @"
                Import-Module '$manifest'
                [StreamingPg.IntegrityResult]@{ Check = 'a'; Table = 't'; Count = 2; Severity = 'Error'; Duration = 0; Detail = 'Mend it.' }
"@) -join "`n" | Should -Not -Match "`e"
        }
        finally {
            Remove-Item Env:NO_COLOR
        }
    }

    It 'have money with two decimals' {
        (Show-Plain ([StreamingPg.UserActivity]@{ UserId = [guid]::NewGuid(); TransactionCount = 3; TotalAmount = 1234.5; AverageValue = 411.5 })) -join ' ' |
            Should -Match '1,234\.50 +411\.50'
    }

    It 'are short lists where records of several kinds are mixed, and the table goes on' {
        $lines = Show-Plain ($healthy, ([StreamingPg.StreamingUser]@{ UserId = [guid]::NewGuid(); Name = 'Ada' }), $healthy)
        $lines -join "`n" | Should -Match '(?s)Ok +Connections.*Name +: Ada.*City +:.*Ok +Connections'
        $lines -match '^Status' | Should -HaveCount 1
    }
}
