// jsforce's own calls against the sandbox. Prints one JSON document: {name of a check: null, or what went wrong}.
// Environment: SANDBOX_URL, SANDBOX_SECRETS (JSON file), SANDBOX_KEY (PEM, to sign assertions), PEER (holds node_modules).
import assert from 'node:assert/strict';
import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const jsforce = createRequire(path.join(process.env.PEER, 'package.json'))('jsforce');
const url = process.env.SANDBOX_URL;
const secrets = JSON.parse(readFileSync(process.env.SANDBOX_SECRETS, 'utf8'));
const client = { loginUrl: url, clientId: secrets.client_id, clientSecret: secrets.client_secret };
const version = '59.0';

function connection(oauth2) {
  return new jsforce.Connection({ loginUrl: url, instanceUrl: url, version, oauth2, logLevel: 'NONE' });
}

async function bySoap() {
  const made = connection();
  await made.login(secrets.username, secrets.password + secrets.security_token);
  return made;
}

function assertion() {
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: secrets.client_id, sub: secrets.username, aud: 'https://login.salesforce.com',
    exp: Math.floor(Date.now() / 1000) + 120,
  };
  const signed = `${encoded({ alg: 'RS256' })}.${encoded(claims)}`;
  const signature = createSign('RSA-SHA256').update(signed).sign(readFileSync(process.env.SANDBOX_KEY), 'base64url');
  return `${signed}.${signature}`;
}

const rows = (count, more = {}) =>
  Array.from({ length: count }, (_, n) => ({ Name: `Company ${n}`, Solmu_Id__c: `j-${n}`, ...more }));

const control = (method, name, body) =>
  fetch(`${url}/${name}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });

const checks = {
  async 'logs in by SOAP and by OAuth, and is told who it is'() {
    const identity = await (await bySoap()).identity();
    assert.equal(identity.username, secrets.username);
    const byPassword = connection(client);
    await byPassword.login(secrets.username, secrets.password + secrets.security_token);
    const byClient = connection(client);
    await byClient.authorize({ grant_type: 'client_credentials' });
    const byAssertion = connection(client);
    await byAssertion.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion() });
    for (const made of [byPassword, byClient, byAssertion]) {
      assert.equal((await made.limits()).DailyApiRequests.Max, 15000);
    }
  },

  async 'is refused with a wrong password'() {
    await assert.rejects(connection().login(secrets.username, 'wrong'), /INVALID_LOGIN/);
    await assert.rejects(connection(client).login(secrets.username, 'wrong'), /authentication failure/);
  },

  async 'describes the org'(conn) {
    const all = await conn.describeGlobal();
    assert.ok(all.sobjects.some((each) => each.name === 'Contact'));
    const account = await conn.sobject('Account').describe();
    const key = account.fields.find((each) => each.name === 'Solmu_Id__c');
    assert.deepEqual([key.externalId, key.unique, key.length], [true, true, 64]);
  },

  async 'creates, reads, changes, upserts and deletes one record'(conn) {
    const accounts = conn.sobject('Account');
    const { id, success } = await accounts.create({ Name: 'Acme' });
    assert.equal(success, true);
    assert.equal((await accounts.retrieve(id)).Name, 'Acme');
    assert.equal((await accounts.update({ Id: id, Phone: '1' })).success, true);
    const upserted = await accounts.upsert({ Name: 'Other', Solmu_Id__c: 'a' }, 'Solmu_Id__c');
    assert.equal(upserted.created, true);
    assert.equal((await accounts.upsert({ Phone: '2', Solmu_Id__c: 'a' }, 'Solmu_Id__c')).id, upserted.id);
    assert.equal((await accounts.destroy(id)).success, true);
    await assert.rejects(accounts.retrieve(id), /deleted/);
  },

  async 'creates, changes, upserts and deletes many'(conn) {
    const accounts = conn.sobject('Account');
    const created = await accounts.create(rows(200));
    assert.ok(created.every((each) => each.success));
    const ids = created.map((each) => each.id);
    const updated = await accounts.update(ids.map((Id) => ({ Id, Phone: '1' })));
    assert.deepEqual(updated.map((each) => each.id), ids);
    const upserted = await accounts.upsert(rows(200, { Phone: '2' }), 'Solmu_Id__c');
    assert.ok(upserted.every((each) => each.success && !each.created));
    const read = await accounts.retrieve(ids.slice(0, 3));
    assert.deepEqual(read.map((each) => each.Phone), ['2', '2', '2']);
    const deleted = await accounts.destroy(ids);
    assert.equal(deleted.filter((each) => each.success).length, 200);
  },

  async 'is told which of many records were refused'(conn) {
    const results = await conn.sobject('Contact').create([{ LastName: 'Arja' }, { FirstName: 'Anna' }]);
    assert.deepEqual(results.map((each) => each.success), [true, false]);
    assert.equal(results[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
    await assert.rejects(conn.sobject('Contact').create({ FirstName: 'Anna' }), { errorCode: 'REQUIRED_FIELD_MISSING' });
    await assert.rejects(conn.query('SELECT Colour FROM Account'), { errorCode: 'INVALID_FIELD' });
  },

  async 'queries by its own builder, with dates, nulls and quotes'(conn) {
    const { id } = await conn.sobject('Account').create({ Name: "O'Hara" });
    await conn.sobject('Contact').create({ LastName: 'Arja', AccountId: id });
    const found = await conn
      .sobject('Contact')
      .find({
        'Account.Name': "O'Hara",
        Email: null,
        LastName: { $like: 'A%' },
        CreatedDate: { $gte: jsforce.SfDate.toDateTimeLiteral(new Date(Date.now() - 60_000)) },
        $or: [{ Title: null }, { Title: { $in: ['CEO', 'CTO'] } }],
      }, ['Id', 'Account.Name'])
      .sort({ CreatedDate: -1 })
      .limit(5);
    assert.deepEqual(found.map((each) => each.Account.Name), ["O'Hara"]);
    assert.equal(await conn.sobject('Contact').count({ LastName: 'Arja' }), 1);
  },

  async 'loads and reads in bulk'(conn) {
    const options = { object: 'Account', operation: 'insert', pollInterval: 50, pollTimeout: 30_000 };
    const loaded = await conn.bulk2.loadAndWaitForResults({ ...options, input: [...rows(2500), { Name: '', Solmu_Id__c: 'x' }] });
    assert.equal(loaded.successfulResults.length, 2500);
    assert.equal(loaded.successfulResults[0].sf__Created, 'true');
    assert.match(loaded.failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING/);
    assert.equal(loaded.unprocessedRecords.length, 0);
    const again = await conn.bulk2.loadAndWaitForResults({
      ...options, operation: 'upsert', externalIdFieldName: 'Solmu_Id__c', input: rows(10, { Phone: '1' }),
    });
    assert.ok(again.successfulResults.every((each) => each.sf__Created === 'false'));
    const stream = await conn.bulk2.query('SELECT Id, Name FROM Account', { pollInterval: 50, pollTimeout: 30_000 });
    assert.equal((await stream.toArray()).length, 2500);
  },

  async 'follows the pages of a query'(conn) {
    await conn.bulk2.loadAndWaitForResults({
      object: 'Account', operation: 'insert', pollInterval: 50, pollTimeout: 30_000, input: rows(4100),
    });
    const first = await conn.query('SELECT Id FROM Account');
    assert.deepEqual([first.totalSize, first.done, first.records.length], [4100, false, 2000]);
    const second = await conn.queryMore(first.nextRecordsUrl);
    assert.equal(second.records.length, 2000);
    const all = await conn.query('SELECT Id FROM Account', { autoFetch: true, maxFetch: 10_000 });
    assert.equal(new Set(all.records.map((each) => each.Id)).size, 4100);
  },

  async 'is told what changed and what was deleted'(conn) {
    const accounts = conn.sobject('Account');
    const kept = await accounts.create({ Name: 'Kept' });
    const gone = await accounts.create({ Name: 'Gone' });
    await accounts.destroy(gone.id);
    const [start, end] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 120_000)];
    assert.deepEqual((await accounts.updated(start, end)).ids, [kept.id]);
    assert.deepEqual((await accounts.deleted(start, end)).deletedRecords.map((each) => each.id), [gone.id]);
  },

  async 'merges accounts by SOAP, with what hangs on them'(conn) {
    const [winner, first, second] = (await conn.sobject('Account').create(rows(3))).map((each) => each.id);
    const contact = (await conn.sobject('Contact').create({ LastName: 'Arja', AccountId: second })).id;
    const merged = await conn.soap.merge({
      masterRecord: { type: 'Account', Id: winner, Phone: '7' }, recordToMergeIds: [first, second],
    });
    assert.deepEqual([merged.success, merged.id, merged.errors], [true, winner, []]);
    assert.deepEqual([merged.mergedRecordIds, merged.updatedRelatedIds], [[first, second], [contact]]);
    assert.equal((await conn.sobject('Account').retrieve(winner)).Phone, '7');
    assert.equal((await conn.sobject('Contact').retrieve(contact)).AccountId, winner);
    const gone = await conn.query('SELECT MasterRecordId FROM Account WHERE IsDeleted = true', { scanAll: true });
    assert.deepEqual(gone.records.map((each) => each.MasterRecordId), [winner, winner]);
  },

  async 'is told by SOAP which merges were refused'(conn) {
    const [winner, loser] = (await conn.sobject('Account').create(rows(2))).map((each) => each.id);
    const request = { masterRecord: { type: 'Account', Id: winner }, recordToMergeIds: [loser] };
    const [done, again] = await conn.soap.merge([request, request]);
    assert.deepEqual([done.success, again.success, again.id ?? null], [true, false, null]);
    assert.deepEqual(again.errors.map((each) => each.statusCode), ['ENTITY_IS_DELETED']);
    const deals = { masterRecord: { type: 'Opportunity', Id: winner }, recordToMergeIds: [loser] };
    await assert.rejects(conn.soap.merge(deals), { errorCode: 'sf:INVALID_TYPE_FOR_OPERATION' });
    await assert.rejects(conn.soap.getServerTimestamp(), /login, logout and merge only/);
  },

  async 'renews a session that expired before a merge'(conn) {
    const [winner, loser] = (await conn.sobject('Account').create(rows(2))).map((each) => each.id);
    await control('POST', '_misbehave', { kind: 'expire_session', match: '/Soap/' });
    const request = { masterRecord: { type: 'Account', Id: winner }, recordToMergeIds: [loser] };
    assert.equal((await conn.soap.merge(request)).success, true);
  },

  async 'renews a session that expired'(conn) {
    await control('POST', '_misbehave', { kind: 'expire_session' });
    assert.equal((await conn.query('SELECT COUNT() FROM Account')).totalSize, 0);
  },

  async 'tries again when the server is not available'(conn) {
    await control('POST', '_misbehave', { kind: 'status', status: 503, match: '/query' });
    assert.equal((await conn.query('SELECT COUNT() FROM Account')).totalSize, 0);
  },

  async 'reads how many calls are left'(conn) {
    await conn.query('SELECT COUNT() FROM Account');
    assert.equal(conn.limitInfo.apiUsage.limit, 15000);
  },
};

const outcome = {};
for (const [name, check] of Object.entries(checks)) {
  await control('POST', '_reset');
  try {
    await check(await bySoap());
    outcome[name] = null;
  } catch (error) {
    outcome[name] = error.stack;
  }
}
console.log(JSON.stringify(outcome));
process.exit(0);
