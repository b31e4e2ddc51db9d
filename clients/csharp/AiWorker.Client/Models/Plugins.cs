using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>What identifies a loaded plugin.</summary>
    [DataContract]
    public sealed class PluginIdentity
    {
        /// <summary>The name it gives itself.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>The version it gives itself.</summary>
        [DataMember(Name = "version", IsRequired = true)]
        public string Version { get; set; } = "";

        /// <summary>SHA-256 of the component file, in hexadecimal.</summary>
        [DataMember(Name = "digest", IsRequired = true)]
        public string Digest { get; set; } = "";

        /// <summary><c>built-in</c>, or the file it was loaded from.</summary>
        [DataMember(Name = "origin", IsRequired = true)]
        public string Origin { get; set; } = "";
    }

    /// <summary>The plugins in the slots, for <c>/health</c> and for answers.</summary>
    [DataContract]
    public sealed class PluginIdentities
    {
        /// <summary>In the tagger slot.</summary>
        [DataMember(Name = "tagger", IsRequired = true)]
        public PluginIdentity Tagger { get; set; } = new PluginIdentity();

        /// <summary>In the context mapper slot.</summary>
        [DataMember(Name = "context-mapper", IsRequired = true)]
        public PluginIdentity ContextMapper { get; set; } = new PluginIdentity();

        /// <summary>In the cluster policy slot.</summary>
        [DataMember(Name = "cluster-policy", IsRequired = true)]
        public PluginIdentity ClusterPolicy { get; set; } = new PluginIdentity();
    }

    /// <summary>One plugin slot.</summary>
    [DataContract]
    public sealed class SlotReport
    {
        /// <summary>The name it gives itself.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>The version it gives itself.</summary>
        [DataMember(Name = "version", IsRequired = true)]
        public string Version { get; set; } = "";

        /// <summary>SHA-256 of the component file, in hexadecimal.</summary>
        [DataMember(Name = "digest", IsRequired = true)]
        public string Digest { get; set; } = "";

        /// <summary><c>built-in</c>, or the file it was loaded from.</summary>
        [DataMember(Name = "origin", IsRequired = true)]
        public string Origin { get; set; } = "";

        /// <summary>Calls since the plugin was loaded.</summary>
        [DataMember(Name = "calls", IsRequired = true)]
        public long Calls { get; set; }

        /// <summary>
        /// How many of these calls failed: they trapped, timed out, were declined or had an answer outside the
        /// contract.
        /// </summary>
        [DataMember(Name = "failures", IsRequired = true)]
        public long Failures { get; set; }

        /// <summary>Total time of all calls, in milliseconds.</summary>
        [DataMember(Name = "busy_ms", IsRequired = true)]
        public double BusyMs { get; set; }

        /// <summary>Median of the latest 1,024 calls, in microseconds; null before the first.</summary>
        [DataMember(Name = "p50_us", IsRequired = true)]
        public int? P50Us { get; set; }

        /// <summary>99th percentile of the latest 1,024 calls, in microseconds; null before the first.</summary>
        [DataMember(Name = "p99_us", IsRequired = true)]
        public int? P99Us { get; set; }

        /// <summary>The slot; <see cref="PluginSlots"/>.</summary>
        [DataMember(Name = "slot", IsRequired = true)]
        public string Slot { get; set; } = "";

        /// <summary>
        /// When it was put into its slot, as RFC 3339; null for a built-in plugin that was never replaced.
        /// </summary>
        [DataMember(Name = "since", IsRequired = true)]
        public string? Since { get; set; }

        /// <summary><see cref="Since"/> as a point in time; null where that is null.</summary>
        /// <exception cref="FormatException">The text is no such time.</exception>
        public DateTimeOffset? SinceTime { get => Times.ParseUnlessNull(Since); set => Since = Times.TextUnlessNull(value); }

        /// <summary>What happens to a photo when the plugin fails: <c>fail</c> or <c>degrade</c>.</summary>
        [DataMember(Name = "on_failure", IsRequired = true)]
        public string OnFailure { get; set; } = "";

        /// <summary>
        /// The latest failed call of this slot since the worker started; null if there was none, and for callers who are not
        /// administrators. The plugin that failed may be a previous one.
        /// </summary>
        [DataMember(Name = "last_failure")]
        public LastFailure? LastFailure { get; set; }

        /// <summary>The digest a rollback would return to; null when there is nothing before.</summary>
        [DataMember(Name = "previous_digest", IsRequired = true)]
        public string? PreviousDigest { get; set; }

        /// <summary>Which data it carries apart from its code, as a packed vocabulary; null for most plugins.</summary>
        [DataMember(Name = "data", IsRequired = true)]
        public PluginData? Data { get; set; }

        /// <summary>
        /// Tags of its vocabulary that need evidence which the model set cannot give, as far as the plugin declares
        /// what each tag needs; only for a tagger.
        /// </summary>
        [DataMember(Name = "tags_out_of_reach", IsRequired = true)]
        public AnswerList<string> TagsOutOfReach { get; set; } = new AnswerList<string>();

        /// <summary>The candidate that runs beside it (shadow); null if there is none.</summary>
        [DataMember(Name = "shadow", IsRequired = true)]
        public ShadowReport? Shadow { get; set; }
    }

    /// <summary>A call of an active plugin that failed.</summary>
    [DataContract]
    public sealed class LastFailure
    {
        /// <summary>When, as RFC 3339.</summary>
        [DataMember(Name = "at", IsRequired = true)]
        public string At { get; set; } = "";

        /// <summary><see cref="At"/> as a point in time.</summary>
        /// <exception cref="FormatException">The text is no such time.</exception>
        public DateTimeOffset AtTime { get => Times.Parse(At); set => At = Times.Text(value); }

        /// <summary>The plugin that failed.</summary>
        [DataMember(Name = "plugin", IsRequired = true)]
        public PluginIdentity Plugin { get; set; } = new PluginIdentity();

        /// <summary>What happened.</summary>
        [DataMember(Name = "error", IsRequired = true)]
        public string Error { get; set; } = "";

        /// <summary>
        /// The end of what the plugin wrote in that call to its standard output, its standard error and the log; empty when
        /// it wrote nothing. Whatever the plugin saw in the photo may be in it.
        /// </summary>
        [DataMember(Name = "output", IsRequired = true)]
        public string Output { get; set; } = "";
    }

    /// <summary>Which data a plugin carries apart from its code.</summary>
    [DataContract]
    public sealed class PluginData
    {
        /// <summary><c>vocabulary</c> or <c>phrases</c>.</summary>
        [DataMember(Name = "kind", IsRequired = true)]
        public string Kind { get; set; } = "";

        /// <summary>SHA-256, in hexadecimal, of the text from which the data was made.</summary>
        [DataMember(Name = "digest", IsRequired = true)]
        public string Digest { get; set; } = "";

        /// <summary>Whether the data is that of the built-in plugin.</summary>
        [DataMember(Name = "built_in", IsRequired = true)]
        public bool BuiltIn { get; set; }
    }

    /// <summary>Statistics of a plugin's calls.</summary>
    [DataContract]
    public sealed class CallReport
    {
        /// <summary>Calls since the plugin was loaded.</summary>
        [DataMember(Name = "calls", IsRequired = true)]
        public long Calls { get; set; }

        /// <summary>
        /// How many of these calls failed: they trapped, timed out, were declined or had an answer outside the
        /// contract.
        /// </summary>
        [DataMember(Name = "failures", IsRequired = true)]
        public long Failures { get; set; }

        /// <summary>Total time of all calls, in milliseconds.</summary>
        [DataMember(Name = "busy_ms", IsRequired = true)]
        public double BusyMs { get; set; }

        /// <summary>Median of the latest 1,024 calls, in microseconds; null before the first.</summary>
        [DataMember(Name = "p50_us", IsRequired = true)]
        public int? P50Us { get; set; }

        /// <summary>99th percentile of the latest 1,024 calls, in microseconds; null before the first.</summary>
        [DataMember(Name = "p99_us", IsRequired = true)]
        public int? P99Us { get; set; }
    }

    /// <summary>A change of a slot, or its state if nothing changed.</summary>
    [DataContract]
    public sealed class Change
    {
        /// <summary>The slot.</summary>
        [DataMember(Name = "slot", IsRequired = true)]
        public string Slot { get; set; } = "";

        /// <summary>Whether the slot changed; false if the plugin was already active.</summary>
        [DataMember(Name = "changed", IsRequired = true)]
        public bool Changed { get; set; }

        /// <summary>The plugin that is active now.</summary>
        [DataMember(Name = "active", IsRequired = true)]
        public PluginIdentity Active { get; set; } = new PluginIdentity();

        /// <summary>The plugin that was active before.</summary>
        [DataMember(Name = "previous", IsRequired = true)]
        public PluginIdentity Previous { get; set; } = new PluginIdentity();

        /// <summary>
        /// The result of the trial on stored scenes. Null if there was no trial: after a rollback, if the plugin was
        /// already active, and if the trial was turned off.
        /// </summary>
        [DataMember(Name = "trial", IsRequired = true)]
        public TrialReport? Trial { get; set; }
    }

    /// <summary>The result of a trial in which no answer failed.</summary>
    [DataContract]
    public sealed class TrialReport
    {
        /// <summary>How many stored scenes the plugin answered well; for a cluster policy, stored faces.</summary>
        [DataMember(Name = "tried", IsRequired = true)]
        public long Tried { get; set; }

        /// <summary>How many were left out because they lack evidence that the plugin wants.</summary>
        [DataMember(Name = "skipped", IsRequired = true)]
        public long Skipped { get; set; }

        /// <summary>How long it took, in milliseconds.</summary>
        [DataMember(Name = "took_ms", IsRequired = true)]
        public long TookMs { get; set; }

        /// <summary>The time that the worker allows was over before all were tried.</summary>
        [DataMember(Name = "timed_out", IsRequired = true)]
        public bool TimedOut { get; set; }

        /// <summary>Why no more were tried, when the store did not answer; null otherwise.</summary>
        [DataMember(Name = "problem", IsRequired = true)]
        public string? Problem { get; set; }
    }

    /// <summary>The results of a shadow so far.</summary>
    [DataContract]
    public sealed class ShadowReport
    {
        /// <summary>The candidate.</summary>
        [DataMember(Name = "candidate", IsRequired = true)]
        public PluginIdentity Candidate { get; set; } = new PluginIdentity();

        /// <summary>Calls that both plugins answered.</summary>
        [DataMember(Name = "compared", IsRequired = true)]
        public long Compared { get; set; }

        /// <summary>How many of these calls they answered differently.</summary>
        [DataMember(Name = "different", IsRequired = true)]
        public long Different { get; set; }

        /// <summary>Calls on which the candidate failed.</summary>
        [DataMember(Name = "failed", IsRequired = true)]
        public long Failed { get; set; }

        /// <summary>Calls that were not compared, because the limit of parallel comparisons was reached.</summary>
        [DataMember(Name = "skipped", IsRequired = true)]
        public long Skipped { get; set; }

        /// <summary>The candidate's own calls.</summary>
        [DataMember(Name = "calls", IsRequired = true)]
        public CallReport Calls { get; set; } = new CallReport();

        /// <summary>The first differences.</summary>
        [DataMember(Name = "examples", IsRequired = true)]
        public AnswerList<Difference> Examples { get; set; } = new AnswerList<Difference>();
    }

    /// <summary>Two answers to the same question.</summary>
    [DataContract]
    public sealed class Difference
    {
        /// <summary>What the active plugin answered, as the caller saw it; JSON.</summary>
        [DataMember(Name = "active", IsRequired = true)]
        public string Active { get; set; } = "";

        /// <summary>What the candidate answered; JSON.</summary>
        [DataMember(Name = "candidate", IsRequired = true)]
        public string Candidate { get; set; } = "";
    }
}
