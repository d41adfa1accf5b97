"""Jobs as BigQuery keeps them: they run beside their requests, an id is used once and for ever, also by a job that failed, and a
failed query says so. Under /standin/ tests ask for lost answers and slow jobs."""

import asyncio
import contextvars
import json
import re
import time
from urllib.parse import parse_qs

from bqemulator.api.routes import upload as upload_routes
from bqemulator.domain.errors import NotFoundError

from . import access, estimates, storage

upload_id = contextvars.ContextVar('upload_id', default=None)
_new_id = upload_routes._new_job_id
upload_routes._new_job_id = lambda: upload_id.get() or _new_id()

STATUS = {'notFound': 404, 'duplicate': 409, 'accessDenied': 403, 'backendError': 503, 'internalError': 500, 'quotaExceeded': 403,
          'rateLimitExceeded': 403, 'jobRateLimitExceeded': 403}


class Job:
    def __init__(self, project, job_id, configuration):
        self.resource = {
            'kind': 'bigquery#job', 'id': f'{project}:US.{job_id}', 'configuration': configuration,
            'jobReference': {'projectId': project, 'jobId': job_id, 'location': 'US'},
            'status': {'state': 'RUNNING'},
            'statistics': {'creationTime': str(int(time.time() * 1000)), 'startTime': str(int(time.time() * 1000))},
        }
        self.done = asyncio.Event()

    @property
    def error(self):
        return self.resource['status'].get('errorResult')

    def end(self, status, body):
        said = body.get('error')
        self.resource['statistics'].update(body.get('statistics') or {})
        self.resource['status'] = {'state': 'DONE'}
        error = (body.get('status') or {}).get('errorResult')
        if said:
            error = {k: v for k, v in (said.get('errors') or [{}])[0].items() if k in ('reason', 'message', 'location')}
            error.setdefault('reason', 'backendError' if status >= 500 else 'invalid')
            error.setdefault('message', said.get('message', ''))
        if error:
            self.resource['status'].update(errorResult=error, errors=[error])
        elif 'query' in self.resource['configuration']:
            destination = ((body.get('configuration') or {}).get('query') or {}).get('destinationTable')
            if destination:
                self.resource['configuration']['query'].setdefault('destinationTable', destination)
        self.done.set()


class Jobs:
    def __init__(self, inner):
        self.inner, self.jobs, self.faults, self.uploads, self.seen = inner, {}, [], {}, []
        self.changing = asyncio.Lock()

    async def __call__(self, scope, receive, send):
        if scope['type'] != 'http':
            return await self.inner(scope, receive, send)
        path, method = scope['path'], scope['method']
        if path.startswith('/standin/'):
            return await self.control(path, method, await whole(receive), send)
        if path.startswith('/upload/storage/'):
            return await storage.put(scope, await whole(receive), send)
        body = await whole(receive) if method in ('POST', 'PUT', 'PATCH') else b''
        if body is None:
            return
        fault = self.fault_for(method, path, body)
        if fault and fault['action'] == 'status':
            reason = fault.get('reason', 'backendError')
            return await answer(send, fault.get('status', 503), refusal(fault.get('status', 503), reason, 'Error encountered during execution. Retrying may solve the problem.'))
        if fault and fault['action'] == 'drop-before':
            return await drop(send)
        reply = drop if fault and fault['action'] == 'drop-after' else None
        await self.route(scope, method, path, body, send, reply, fault)

    async def pause(self, fault):
        """As long as a fault says, and no longer than it is there."""
        until = asyncio.get_running_loop().time() + (fault or {}).get('ms', 0) / 1000
        while asyncio.get_running_loop().time() < until and any(fault is each for each in self.faults):
            await asyncio.sleep(0.01)

    async def route(self, scope, method, path, body, send, reply, fault):
        insert = re.fullmatch(r'(/upload)?/bigquery/v2/projects/([^/]+)/jobs', path)
        one = re.fullmatch(r'/bigquery/v2/projects/([^/]+)/jobs/([^/]+)', path)
        results = re.fullmatch(r'/bigquery/v2/projects/([^/]+)/queries/([^/]+)', path)
        if method == 'POST' and insert:
            status, out, headers = await self.insert(scope, insert[2], body, bool(insert[1]), fault)
        elif method == 'PUT' and path.startswith('/upload/'):
            status, out, headers = await self.finish_upload(scope, body, fault)
        elif method == 'GET' and one and (one[1], one[2]) in self.jobs:
            status, out, headers = 200, json.dumps(self.jobs[one[1], one[2]].resource).encode(), []
        elif method == 'GET' and results:
            status, out, headers = await self.results(scope, results)
        elif method in ('POST', 'PATCH', 'PUT') and re.fullmatch(r'/bigquery/v2/projects/[^/]+/datasets(/[^/]+)?', path):
            status, out, headers = await self.dataset(scope, method, body)
        elif method == 'POST' and re.fullmatch(r'/bigquery/v2/projects/([^/]+)/queries', path):
            status, out, headers = await self.query(scope, body)
        else:
            status, out, headers = await self.ask(scope, body)
        await (reply(send) if reply else answer(send, status, out, headers))

    async def insert(self, scope, project, body, upload, fault):
        kind = parse_qs(scope['query_string'].decode()).get('uploadType', [''])[0] if upload else ''
        given = json.loads(body) if not upload or kind == 'resumable' else envelope(body)
        job_id = (given.get('jobReference') or {}).get('jobId')
        configuration = given.get('configuration') or {}
        if configuration.get('dryRun') or not job_id:
            return await self.dry(scope, project, body, configuration)
        if (project, job_id) in self.jobs:
            return 409, refusal(409, 'duplicate', f'Already Exists: Job {project}:US.{job_id}'), []
        if kind == 'resumable':
            status, out, headers = await self.ask(scope, body)
            session = next((v.decode() for k, v in headers if k.lower() == b'location'), '')
            self.uploads[session.split('?', 1)[-1]] = (project, job_id, configuration)
            return status, out, headers
        job = self.jobs[project, job_id] = Job(project, job_id, configuration)
        run = asyncio.create_task(self.run(job, scope, body, job_id if upload else None, fault))
        job.task = run
        if upload:
            await run
        return 200, json.dumps(job.resource).encode(), []

    async def finish_upload(self, scope, body, fault):
        known = self.uploads.get(scope['query_string'].decode())
        if known is None:
            return await self.ask(scope, body)
        project, job_id, configuration = known
        job = Job(project, job_id, configuration)
        upload_id.set(job_id)
        await self.pause(fault)
        status, out, headers = await self.ask(scope, body)
        if status == 308:
            return status, out, headers
        if (project, job_id) in self.jobs:
            return 409, refusal(409, 'duplicate', f'Already Exists: Job {project}:US.{job_id}'), []
        self.jobs[project, job_id] = job
        job.end(status, decoded(out))
        return 200, json.dumps(job.resource).encode(), []

    async def run(self, job, scope, body, job_id, fault):
        upload_id.set(job_id)
        await self.pause(fault)
        limit = (job.resource['configuration'].get('query') or {}).get('maximumBytesBilled')
        estimates.limit.set(int(limit) if limit else None)
        try:
            status, out, _ = await self.ask(scope, body)
            job.end(status, decoded(out))
        except Exception as error:  # noqa: BLE001
            job.end(500, json.loads(refusal(500, 'internalError', str(error))))

    async def dry(self, scope, project, body, configuration):
        status, out, headers = await self.ask(scope, body)
        found = decoded(out)
        if status == 200 and configuration.get('dryRun') and 'query' in configuration:
            try:
                text = configuration['query'].get('query', '')
                size = str(estimates.bytes_of(self.inner.state.context, project, text))
            except NotFoundError as error:
                return 404, refusal(404, 'notFound', error.message), []
            found.setdefault('statistics', {})['totalBytesProcessed'] = size
            found['statistics'].setdefault('query', {})['totalBytesProcessed'] = size
        return status, json.dumps(found).encode(), []

    async def results(self, scope, match):
        job = self.jobs.get((match[1], match[2]))
        if job is None:
            return await self.ask(scope, b'')
        wait = int(parse_qs(scope['query_string'].decode()).get('timeoutMs', ['10000'])[0]) / 1000
        try:
            await asyncio.wait_for(job.done.wait(), min(wait, 10))
        except asyncio.TimeoutError:
            out = {'kind': 'bigquery#getQueryResultsResponse', 'jobComplete': False, 'jobReference': job.resource['jobReference']}
            return 200, json.dumps(out).encode(), []
        if job.error:
            code = STATUS.get(job.error['reason'], 400)
            return code, refusal(code, job.error['reason'], job.error['message']), []
        status, out, headers = await self.ask(scope, b'')
        changed = job.resource['statistics'].get('query', {}).get('numDmlAffectedRows')
        if status == 200 and changed is not None:
            out = json.dumps({**decoded(out), 'numDmlAffectedRows': changed}).encode()
        return status, out, headers

    async def dataset(self, scope, method, body):
        asked = dict(scope['headers']).get(b'if-match', b'').decode()
        async with self.changing:
            if method != 'POST' and asked:
                status, out, headers = await self.ask({**scope, 'method': 'GET'}, b'')
                if status == 200 and asked != decoded(out).get('etag'):
                    return 412, refusal(412, 'conditionNotMet', 'Precondition check failed.'), []
            kept, trouble = access.checked(method, body)
            if trouble:
                return 400, refusal(400, 'invalid', trouble), []
            length = str(len(kept)).encode()
            changed = [(k, length if k == b'content-length' else v) for k, v in scope['headers']]
            return await self.ask({**scope, 'headers': changed}, kept)

    async def query(self, scope, body):
        status, out, headers = await self.ask(scope, body)
        found = decoded(out)
        if status == 200 and found.get('errors') and not found.get('rows'):
            error = found['errors'][0]
            code = STATUS.get(error.get('reason'), 400)
            return code, refusal(code, error.get('reason', 'invalidQuery'), error.get('message', '')), []
        return status, out, headers

    async def ask(self, scope, body):
        """Asks the emulator itself."""
        sent, parts = False, []

        async def receive():
            nonlocal sent
            if sent:
                await asyncio.Event().wait()
            sent = True
            return {'type': 'http.request', 'body': body, 'more_body': False}

        async def collect(message):
            parts.append(message)

        await self.inner(dict(scope), receive, collect)
        start = next(m for m in parts if m['type'] == 'http.response.start')
        out = b''.join(m.get('body', b'') for m in parts if m['type'] == 'http.response.body')
        return start['status'], out, list(start.get('headers', []))

    def fault_for(self, method, path, body):
        self.seen.append(f'{method} {path}')
        for fault in self.faults:
            text = f'{method} {path} {body[:4096].decode("utf-8", "replace")}'
            if re.search(fault['match'], text, re.S) and fault.setdefault('times', 1) > 0:
                fault['times'] -= 1
                return fault
        return None

    async def control(self, path, method, body, send):
        if path == '/standin/faults' and method == 'POST':
            self.faults.append(json.loads(body))
        elif path == '/standin/faults':
            self.faults = [fault for fault in self.faults if fault.get('owner') != body.decode()]
        elif path == '/standin/jobs':
            found = [job.resource for job in self.jobs.values()]
            return await answer(send, 200, json.dumps(found).encode())
        await answer(send, 200, b'{}')


def decoded(out):
    try:
        found = json.loads(out)
        return found if isinstance(found, dict) else {}
    except ValueError:
        return {}


def envelope(body):
    found = re.search(rb'\r?\n\r?\n(\{.*?\})\r?\n--', body[:262144], re.S)
    return json.loads(found[1]) if found else {}


def refusal(code, reason, message):
    error = {'reason': reason, 'message': message, 'domain': 'global'}
    return json.dumps({'error': {'code': code, 'message': message, 'errors': [error], 'status': reason}}).encode()


async def whole(receive):
    """The body; None when the client has gone before it was complete."""
    body = bytearray()
    while True:
        message = await receive()
        if message['type'] == 'http.disconnect':
            return None
        body += message.get('body', b'')
        if not message.get('more_body'):
            return bytes(body)


async def answer(send, status, out, headers=()):
    kept = [(k, v) for k, v in headers if k.lower() in (b'location', b'x-guploader-uploadid', b'range')]
    await send({'type': 'http.response.start', 'status': status,
                'headers': [*kept, (b'content-type', b'application/json'), (b'content-length', str(len(out)).encode())]})
    await send({'type': 'http.response.body', 'body': out})


async def drop(send):
    """Ends the connection in the middle of an answer."""
    await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-length', b'1000000')]})
    await send({'type': 'http.response.body', 'body': b'{'})
