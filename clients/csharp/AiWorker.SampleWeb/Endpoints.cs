using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;
using AiWorker.SampleBackend;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AiWorker.SampleWeb
{
    /// <summary>A photo that is to be taken in.</summary>
    /// <param name="Url">Where the worker finds it; http or https.</param>
    internal sealed record NewPhoto(string? Url);

    /// <summary>A photo of this backend.</summary>
    /// <param name="FileId">Its name.</param>
    /// <param name="State"><c>waiting</c>, <c>described</c> or <c>refused</c>.</param>
    /// <param name="Context">One Indonesian phrase; null until it is described.</param>
    /// <param name="Tags">Surest first.</param>
    /// <param name="People">Who is in it, largest face first.</param>
    /// <param name="Problem">The worker's last problem with it; null when there was none.</param>
    internal sealed record PhotoView(
        string FileId, string State, string? Context, IReadOnlyList<string> Tags, IReadOnlyList<Guid> People, string? Problem);

    /// <summary>A person of this backend.</summary>
    /// <param name="ClusterId">The person.</param>
    /// <param name="Photos">The photos that the person is in.</param>
    internal sealed record PersonView(Guid ClusterId, IReadOnlyList<string> Photos);

    /// <summary>What this backend answers over HTTP.</summary>
    internal static class Endpoints
    {
        internal static void Map(WebApplication app)
        {
            app.MapPost("/photos", TakeIn);
            app.MapGet("/photos/{fileId}", Photo);
            app.MapGet("/people", (Database database) => new People(database).All().Select(
                person => new PersonView(person.ClusterId, person.FileIds.Distinct().ToList())));
            app.MapPost("/people/{source:guid}/merge-into/{target:guid}", Merge);
            app.MapGet("/people/{person:guid}/picture", PictureAsync);
        }

        /// <summary>Puts a photo down and answers at once; it is described in the background.</summary>
        private static IResult TakeIn(NewPhoto photo, Database database, WorkerSync sync)
        {
            if (photo.Url == null || !PhotoSources.IsUrl(photo.Url) || !Uri.IsWellFormedUriString(photo.Url, UriKind.Absolute))
                return Results.Problem("The field url must be an http or https address.", statusCode: StatusCodes.Status400BadRequest);
            WaitingPhoto waiting = PhotoSources.Find(photo.Url).Single();
            new Photos(database).Enqueue(new[] { waiting });
            sync.Wake();
            return Results.Accepted("/photos/" + waiting.FileId, View(database, waiting.FileId));
        }

        private static IResult Photo(string fileId, Database database) =>
            View(database, fileId) is { } photo ? Results.Ok(photo) : Results.NotFound();

        /// <summary>Makes two people one here, at once; the worker is told in the background, now or when it is back.</summary>
        private static IResult Merge(Guid source, Guid target, Database database, WorkerSync sync)
        {
            try
            {
                (int moved, Guid person) = new Merges(database).Merge(source, target);
                sync.Wake();
                return Results.Ok(new { moved, person });
            }
            catch (MergeException error)
            {
                return Results.Problem(error.Message, statusCode: StatusCodes.Status400BadRequest);
            }
        }

        /// <summary>The worker's picture of a person. It goes through here, so that no browser needs the worker's key.</summary>
        private static async Task<IResult> PictureAsync(Guid person, IAiWorkerClient worker, CancellationToken cancellationToken)
        {
            try
            {
                using Thumbnail picture = await worker.GetClusterThumbnailAsync(person, cancellationToken);
                var content = new MemoryStream();
                await picture.Content.CopyToAsync(content, cancellationToken);
                return Results.Bytes(content.ToArray(), "image/jpeg");
            }
            catch (AiWorkerNotFoundException)
            {
                return Results.NotFound();
            }
            catch (AiWorkerException error)
            {
                return Results.Problem(error.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
            }
        }

        private static PhotoView? View(Database database, string fileId) => database.InTransaction(statements =>
            statements.Query(
                "SELECT state, context, problem_detail FROM photos WHERE file_id = @0",
                row => new PhotoView(
                    fileId, row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1),
                    statements.Query(
                        "SELECT tag FROM photo_tags WHERE file_id = @0 ORDER BY position", tag => tag.GetString(0), fileId).ToList(),
                    statements.Query(
                        "SELECT cluster_id FROM faces WHERE file_id = @0 ORDER BY position",
                        face => Guid.Parse(face.GetString(0)), fileId).ToList(),
                    row.IsDBNull(2) ? null : row.GetString(2)),
                fileId).SingleOrDefault());
    }
}
