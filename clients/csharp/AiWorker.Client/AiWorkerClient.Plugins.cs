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
        /// <summary>Every slot with its plugin and how that has been doing.</summary>
        public async Task<IList<SlotReport>> ListPluginsAsync(
            CancellationToken cancellationToken = default(CancellationToken)) =>
            await _transport.ReadAsync<SlotReport[]>(new Call(Get, "api/plugins"), cancellationToken).ConfigureAwait(false);

        /// <summary>
        /// Puts a component into its slot. Needs the admin key, as do the calls below. Requests that are being answered
        /// keep the plugin they began with; a component that is not good enough changes nothing. It is tried on the latest
        /// stored scenes first; whoever cancels before it is in its slot changes nothing.
        /// </summary>
        /// <param name="slot">One of <see cref="PluginSlots"/>.</param>
        /// <param name="component">The component's bytes.</param>
        /// <param name="signature">
        /// The text of its minisign signature file; needed when the worker trusts signed components only.
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
        /// As <see cref="SwapPluginAsync"/>, without the trial on stored scenes; the worker's audit log tells.
        /// </summary>
        /// <param name="slot">One of <see cref="PluginSlots"/>.</param>
        /// <param name="component">The component's bytes.</param>
        /// <param name="signature">The text of its minisign signature file.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<Change> SwapPluginUntriedAsync(
            string slot, byte[] component, string? signature = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<Change>(Upload(Put, Slot(slot, "?trial=off"), component, signature), cancellationToken);

        /// <summary>Puts the plugin before the active one back.</summary>
        /// <exception cref="AiWorkerConflictException">There is none before it.</exception>
        public Task<Change> RollBackPluginAsync(
            string slot, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<Change>(Administer(Post, Slot(slot, "/rollback")), cancellationToken);

        /// <summary>
        /// Runs a candidate beside the active plugin on live photos, without changing an answer; one that ran before is
        /// ended.
        /// </summary>
        public Task<ShadowReport> StartShadowAsync(
            string slot, byte[] component, string? signature = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ShadowReport>(Upload(Post, Slot(slot, "/shadow"), component, signature), cancellationToken);

        /// <summary>What a candidate beside the active plugin has shown so far.</summary>
        /// <exception cref="AiWorkerNotFoundException">There is none.</exception>
        public Task<ShadowReport> GetShadowAsync(
            string slot, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ShadowReport>(Administer(Get, Slot(slot, "/shadow")), cancellationToken);

        /// <summary>Ends a candidate beside the active plugin, and says what it has shown.</summary>
        /// <exception cref="AiWorkerNotFoundException">There is none.</exception>
        public Task<ShadowReport> EndShadowAsync(
            string slot, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ShadowReport>(Administer(Delete, Slot(slot, "/shadow")), cancellationToken);

        /// <summary>Runs a candidate over everything stored; one that is at it for the same slot is given up.</summary>
        /// <param name="slot">One of <see cref="PluginSlots"/>.</param>
        /// <param name="component">The component's bytes.</param>
        /// <param name="apply">Writes the candidate's tags or contexts; a policy's decisions cannot be applied.</param>
        /// <param name="signature">The text of its minisign signature file.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<ReplayStatus> StartReplayAsync(
            string slot, byte[] component, bool apply = false, string? signature = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ReplayStatus>(
                Upload(Post, Slot(slot, "/replay" + (apply ? "?apply=true" : "")), component, signature), cancellationToken);

        /// <summary>How far the latest replay is, then what would change.</summary>
        /// <exception cref="AiWorkerNotFoundException">Nothing was replayed since the worker started.</exception>
        public Task<ReplayStatus> GetReplayAsync(
            string slot, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ReplayStatus>(Administer(Get, Slot(slot, "/replay")), cancellationToken);

        /// <summary>
        /// Who changed plugins and who corrected what about people, in order, page by page. Needs the admin key.
        /// </summary>
        /// <param name="after">
        /// <see cref="AuditPage.Next"/> of the page before; null for the earliest entry that the worker keeps.
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
