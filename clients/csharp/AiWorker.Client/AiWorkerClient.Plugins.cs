using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>Every slot with its active plugin and the statistics of its calls.</summary>
        public async Task<IList<SlotReport>> ListPluginsAsync(
            CancellationToken cancellationToken = default(CancellationToken)) =>
            await _transport.ReadAsync<SlotReport[]>(new Call(Get, "api/plugins"), cancellationToken).ConfigureAwait(false);

        /// <summary>
        /// Puts a component into its slot. This call and the calls below need the admin key. The component is first
        /// tried on the latest stored scenes; a component that does not pass changes nothing, and neither does a call
        /// that is cancelled before the component is in its slot. Running requests keep the plugin with which they
        /// started.
        /// </summary>
        /// <param name="slot">One of <see cref="PluginSlots"/>.</param>
        /// <param name="component">The component's bytes.</param>
        /// <param name="signature">
        /// The text of its minisign signature file; required if the worker accepts only signed components.
        /// </param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerProblemException">
        /// <see cref="ProblemCodes.PluginRefused"/>, with the reason in the message.
        /// </exception>
        public Task<Change> SwapPluginAsync(
            string slot, byte[] component, string? signature = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<Change>(Upload(Put, Slot(slot), component, signature), cancellationToken);

        /// <summary>
        /// As <see cref="SwapPluginAsync"/>, without the trial on stored scenes; the worker's audit log records that.
        /// </summary>
        /// <param name="slot">One of <see cref="PluginSlots"/>.</param>
        /// <param name="component">The component's bytes.</param>
        /// <param name="signature">The text of its minisign signature file.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<Change> SwapPluginUntriedAsync(
            string slot, byte[] component, string? signature = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<Change>(Upload(Put, Slot(slot, "?trial=off"), component, signature), cancellationToken);

        /// <summary>Restores the plugin that was active before (rollback).</summary>
        /// <exception cref="AiWorkerConflictException">There is none before it.</exception>
        public Task<Change> RollBackPluginAsync(
            string slot, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<Change>(Administer(Post, Slot(slot, "/rollback")), cancellationToken);

        /// <summary>
        /// Runs a candidate beside the active plugin on live photos (shadow), without changing an answer; a candidate
        /// that was already running is stopped.
        /// </summary>
        public Task<ShadowReport> StartShadowAsync(
            string slot, byte[] component, string? signature = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ShadowReport>(Upload(Post, Slot(slot, "/shadow"), component, signature), cancellationToken);

        /// <summary>The results so far of a candidate that runs beside the active plugin (shadow).</summary>
        /// <exception cref="AiWorkerNotFoundException">There is none.</exception>
        public Task<ShadowReport> GetShadowAsync(
            string slot, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ShadowReport>(Administer(Get, Slot(slot, "/shadow")), cancellationToken);

        /// <summary>Ends a candidate beside the active plugin, and says what it has shown.</summary>
        /// <exception cref="AiWorkerNotFoundException">There is none.</exception>
        public Task<ShadowReport> EndShadowAsync(
            string slot, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ShadowReport>(Administer(Delete, Slot(slot, "/shadow")), cancellationToken);

        /// <summary>
        /// Runs a candidate over all stored photos or faces; a running replay for the same slot is stopped.
        /// </summary>
        /// <param name="slot">One of <see cref="PluginSlots"/>.</param>
        /// <param name="component">The component's bytes.</param>
        /// <param name="apply">
        /// Whether to store the candidate's tags or contexts; a policy's decisions cannot be applied.
        /// </param>
        /// <param name="signature">The text of its minisign signature file.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<ReplayStatus> StartReplayAsync(
            string slot, byte[] component, bool apply = false, string? signature = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ReplayStatus>(
                Upload(Post, Slot(slot, "/replay" + (apply ? "?apply=true" : "")), component, signature), cancellationToken);

        /// <summary>The progress of the latest replay and, once it is done, what would change.</summary>
        /// <exception cref="AiWorkerNotFoundException">Nothing was replayed since the worker started.</exception>
        public Task<ReplayStatus> GetReplayAsync(
            string slot, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ReplayStatus>(Administer(Get, Slot(slot, "/replay")), cancellationToken);

        /// <summary>
        /// The audit log: who changed plugins and who corrected people, in order, page by page. Needs the admin key.
        /// </summary>
        /// <param name="after">
        /// <see cref="AuditPage.Next"/> of the previous page; null for the earliest entry that the worker keeps.
        /// </param>
        /// <param name="limit">Most entries of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<AuditPage> ListAuditEntriesAsync(
            long? after = null, int? limit = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<AuditPage>(
                Administer(Get, "api/audit" + Page(after?.ToString(), limit)), cancellationToken);

        private static Call Administer(HttpMethod method, string path) => new Call(method, path) { NeedsAdminKey = true };

        private static Call Upload(HttpMethod method, string path, byte[] component, string? signature) =>
            new Call(method, path)
            {
                NeedsAdminKey = true,
                Body = component ?? throw new ArgumentNullException(nameof(component)),
                ContentType = "application/wasm",
                Signature = signature == null ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes(signature)),
            };

        private static string Slot(string slot, string rest = "")
        {
            if (string.IsNullOrEmpty(slot))
                throw new ArgumentException("Name one of the slots in PluginSlots.", nameof(slot));
            return "api/plugins/" + Uri.EscapeDataString(slot) + rest;
        }
    }
}
